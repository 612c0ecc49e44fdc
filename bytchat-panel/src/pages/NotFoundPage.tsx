// An address that leads nowhere, inside the panel.
import { Compass } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '@/components/ui/EmptyState';
import { LinkButton } from '@/components/ui/LinkButton';
import { useTitle } from '@/components/ui/useTitle';

export default function NotFoundPage() {
  const { t } = useTranslation('common');
  useTitle(t('notFound.title'));
  return (
    <EmptyState
      icon={Compass}
      isPage
      title={t('notFound.title')}
      text={t('notFound.text')}
      action={
        <LinkButton to="/" variant="primary">
          {t('toStart')}
        </LinkButton>
      }
    />
  );
}
