// The files on their way to this bot, and those that did not get there.
import { useTranslation } from 'react-i18next';
import { useShallow } from 'zustand/shallow';
import { useUploads } from '@/store/uploads';
import { UploadRow } from './UploadRow';

export function UploadList({ botId }: { botId: string }) {
  const { t } = useTranslation('training');
  const uploads = useUploads(useShallow((store) => store.uploads.filter((one) => one.botId === botId)));
  if (uploads.length === 0) return null;
  return (
    <ul aria-label={t('uploads.label')} className="divide-y divide-line rounded-xl border border-line bg-surface">
      {uploads.map((upload) => (
        <UploadRow key={upload.id} upload={upload} />
      ))}
    </ul>
  );
}
