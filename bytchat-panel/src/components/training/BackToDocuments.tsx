// From a page about documents back to their list.
import { ArrowLeft } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

export function BackToDocuments({ botId }: { botId: string }) {
  const { t } = useTranslation('training');
  return (
    <Link
      to={`/bots/${botId}/documents`}
      className="inline-flex min-h-8 items-center gap-1.5 self-start text-muted text-sm hover:text-ink"
    >
      <ArrowLeft aria-hidden className="size-4" />
      {t('document.back')}
    </Link>
  );
}
