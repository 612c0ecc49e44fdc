// What is said where a document was and is no more.
import { FileX } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '@/components/ui/EmptyState';
import { LinkButton } from '@/components/ui/LinkButton';

interface Props {
  botId: string;
  /** It is all that the page says. */
  isPage?: boolean;
}

export function DocumentGone({ botId, isPage = false }: Props) {
  const { t } = useTranslation('training');
  return (
    <EmptyState
      icon={FileX}
      isPage={isPage}
      title={t('document.goneTitle')}
      text={t('document.goneText')}
      action={<LinkButton to={`/bots/${botId}/documents`}>{t('document.goneBack')}</LinkButton>}
    />
  );
}
