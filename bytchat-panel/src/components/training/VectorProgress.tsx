// How many of a document's passages are found by their meaning already.
import { useTranslation } from 'react-i18next';
import type { BotDocument } from '@/api/types';
import { ProgressBar } from '@/components/ui/ProgressBar';
import { useFormat } from '@/components/ui/useFormat';

export function VectorProgress({ document }: { document: BotDocument }) {
  const { t } = useTranslation('training');
  const format = useFormat();
  const { chunks_embedded: done, chunks: total, filename: name } = document;
  return (
    <div className="flex items-center gap-3">
      <ProgressBar value={done} max={total} label={t('vectorsLabel', { name })} className="w-28" />
      <span className="shrink-0 text-muted text-sm tabular-nums">
        {t('vectors', { done: format.number(done), total: format.number(total) })}
      </span>
    </div>
  );
}
