// Lets through who is logged in; everybody else goes to the login, and comes back after it.
import { PlugZap, RotateCw } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Navigate, Outlet, useLocation } from 'react-router';
import { Button } from '@/components/ui/Button';
import { loginPath } from '@/lib/loginPath';
import { useSession } from '@/store/session';
import { FullPageNotice } from './FullPageNotice';
import { PageSkeleton } from './PageSkeleton';

export function RequireSession() {
  const status = useSession((session) => session.status);
  const leftBecause = useSession((session) => session.leftBecause);
  const { pathname, search } = useLocation();
  if (status === 'in') return <Outlet />;
  if (status === 'out') return <Navigate to={loginPath(pathname + search, leftBecause)} replace />;
  return status === 'unreachable' ? <Unreachable /> : <PageSkeleton />;
}

function Unreachable() {
  const { t } = useTranslation('common');
  const check = useSession((session) => session.check);
  return (
    <FullPageNotice icon={PlugZap} title={t('unreachable.title')} text={t('unreachable.text')}>
      <Button variant="primary" icon={RotateCw} onClick={() => void check()}>
        {t('retry')}
      </Button>
    </FullPageNotice>
  );
}
