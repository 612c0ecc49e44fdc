// The quiet shape of the panel while nobody knows yet what to draw.
import { useTranslation } from 'react-i18next';
import { Logo } from '@/components/ui/Logo';

export function PageSkeleton() {
  const { t } = useTranslation('common');
  return (
    <div className="flex h-dvh items-center justify-center" aria-busy="true">
      <span role="status" className="sr-only">
        {t('loading')}
      </span>
      <Logo className="panel-late size-12" />
    </div>
  );
}
