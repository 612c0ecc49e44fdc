// What stands in the place of a page that broke, or whose code could not be fetched.
import { RefreshCw, TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useRouteError } from 'react-router';
import { Button } from '@/components/ui/Button';
import { buttonClasses } from '@/components/ui/buttonClasses';
import { FullPageNotice } from './FullPageNotice';
import { isMissingChunk } from './missingChunk';

export function PageError() {
  const { t } = useTranslation('common');
  const isOutdated = isMissingChunk(useRouteError());
  const said = isOutdated ? 'outdated' : 'broken';
  return (
    <FullPageNotice
      icon={isOutdated ? RefreshCw : TriangleAlert}
      title={t(`${said}.title`)}
      text={t(`${said}.text`)}
    >
      <Button variant="primary" icon={RefreshCw} onClick={() => window.location.reload()}>
        {t('reload')}
      </Button>
      {/* A real link: whatever broke in memory stays behind. */}
      <a href="/" className={buttonClasses('ghost')}>
        {t('toStart')}
      </a>
    </FullPageNotice>
  );
}
