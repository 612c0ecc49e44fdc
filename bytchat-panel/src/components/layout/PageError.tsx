// What stands in the place of a page that broke, or whose code could not be fetched.
import { PlugZap, RefreshCw, TriangleAlert } from 'lucide-react';
import { type ReactNode, useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRouteError } from 'react-router';
import { isPanelThere } from '@/api/presence';
import { Button } from '@/components/ui/Button';
import { buttonClasses } from '@/components/ui/buttonClasses';
import { FullPageNotice } from './FullPageNotice';
import { isMissingChunk } from './missingChunk';
import { PageSkeleton } from './PageSkeleton';

export function PageError() {
  return isMissingChunk(useRouteError()) ? <MissingPage /> : <Broken />;
}

/** Its code is gone with an older release, or nobody is there to send it: the server is asked which. */
function MissingPage() {
  const { t } = useTranslation('common');
  const [cause, setCause] = useState<'asking' | 'outdated' | 'unreachable'>('asking');
  const ask = useCallback(async () => ((await isPanelThere()) ? 'outdated' : 'unreachable'), []);
  useEffect(() => void ask().then(setCause), [ask]);
  if (cause === 'asking') return <PageSkeleton />;
  if (cause === 'outdated') {
    return (
      <FullPageNotice icon={RefreshCw} title={t('outdated.title')} text={t('outdated.text')}>
        <Reload />
      </FullPageNotice>
    );
  }
  // Loaded anew only once there is somebody to load it from: else even this notice would be lost.
  const retry = async () => ((await ask()) === 'outdated' ? window.location.reload() : undefined);
  return (
    <FullPageNotice icon={PlugZap} title={t('unreachable.title')} text={t('unreachable.text')}>
      <Button variant="primary" icon={RefreshCw} onClick={() => void retry()}>
        {t('retry')}
      </Button>
    </FullPageNotice>
  );
}

function Broken() {
  const { t } = useTranslation('common');
  return (
    <FullPageNotice icon={TriangleAlert} title={t('broken.title')} text={t('broken.text')}>
      <Reload />
    </FullPageNotice>
  );
}

function Reload(): ReactNode {
  const { t } = useTranslation('common');
  return (
    <>
      <Button variant="primary" icon={RefreshCw} onClick={() => window.location.reload()}>
        {t('reload')}
      </Button>
      {/* A real link: whatever broke in memory stays behind. */}
      <a href="/" className={buttonClasses('ghost')}>
        {t('toStart')}
      </a>
    </>
  );
}
