// One login: with what, since when, and when it was last used.
import { type LucideIcon, Monitor, Smartphone, Terminal } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Session } from '@/api/types';
import { Badge } from '@/components/ui/Badge';
import { Button } from '@/components/ui/Button';
import { useFormat } from '@/components/ui/useFormat';
import { type DeviceKind, deviceOf } from '@/lib/device';
import { useDeviceName } from './useDeviceName';

const ICONS: Record<DeviceKind, LucideIcon> = { computer: Monitor, phone: Smartphone, program: Terminal };

export function SessionRow({ session, onEnd }: { session: Session; onEnd: () => void }) {
  const { t } = useTranslation('account');
  const format = useFormat();
  const name = useDeviceName()(session.user_agent);
  const Icon = ICONS[deviceOf(session.user_agent).kind];
  const since = format.dateTime(session.created_at);
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-3 px-4 py-3.5">
      <Icon aria-hidden className="size-5 shrink-0 text-muted" />
      <div className="min-w-0 flex-1 basis-48">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1 font-medium text-[15px]">
          <span className="wrap-anywhere min-w-0" title={session.user_agent}>
            {name}
          </span>
          {session.current && <Badge tone="ok">{t('sessions.current')}</Badge>}
        </p>
        <p className="mt-0.5 text-muted text-sm leading-5">
          {session.current
            ? t('sessions.since', { since })
            : t('sessions.lastUsed', { when: format.relative(session.last_used_at), since })}
        </p>
      </div>
      <Button size="sm" className="max-sm:ml-9" aria-label={t('sessions.endLabel', { name })} onClick={onEnd}>
        {t('sessions.end')}
      </Button>
    </li>
  );
}
