// Where the account is logged in, and the way to end any of it.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Session } from '@/api/types';
import { Button } from '@/components/ui/Button';
import { ConfirmDialog } from '@/components/ui/ConfirmDialog';
import { QueryState } from '@/components/ui/QueryState';
import { Skeleton } from '@/components/ui/Skeleton';
import { useEndSession, useSessions } from '@/queries/account';
import { useToasts } from '@/store/toasts';
import { Section } from './Section';
import { SessionRow } from './SessionRow';
import { useDeviceName } from './useDeviceName';

/** Older ones are there on demand. */
const SHOWN = 5;

export function SessionsSection() {
  const { t } = useTranslation('account');
  const sessions = useSessions();
  const [ending, setEnding] = useState<Session | null>(null);
  return (
    <Section title={t('sessions.title')} text={t('sessions.text')}>
      <QueryState
        query={sessions}
        loading={<SessionsSkeleton />}
        isEmpty={(all) => all.length === 0}
        empty={<p className="text-muted text-sm">{t('sessions.none')}</p>}
      >
        {(all) => <SessionList sessions={all} onEnd={setEnding} />}
      </QueryState>
      {ending && <EndSession session={ending} onClose={() => setEnding(null)} />}
    </Section>
  );
}

interface ListProps {
  sessions: readonly Session[];
  onEnd: (session: Session) => void;
}

function SessionList({ sessions, onEnd }: ListProps) {
  const { t } = useTranslation('account');
  const [isWhole, setIsWhole] = useState(false);
  // One's own comes first, whatever was used last.
  const sorted = [...sessions].sort((one, other) => Number(other.current) - Number(one.current));
  const shown = isWhole ? sorted : sorted.slice(0, SHOWN);
  return (
    <>
      <ul aria-label={t('sessions.title')} className="divide-y divide-line rounded-xl border border-line">
        {shown.map((session) => (
          <SessionRow key={session.id} session={session} onEnd={() => onEnd(session)} />
        ))}
      </ul>
      {shown.length < sorted.length && (
        <Button size="sm" variant="ghost" className="mt-2" onClick={() => setIsWhole(true)}>
          {t('sessions.more', { count: sorted.length - shown.length })}
        </Button>
      )}
    </>
  );
}

function EndSession({ session, onClose }: { session: Session; onClose: () => void }) {
  const { t } = useTranslation('account');
  const name = useDeviceName()(session.user_agent);
  const ending = useEndSession();
  const close = () => {
    if (!ending.isPending) onClose();
  };
  const end = () =>
    ending.mutate(session, {
      onSuccess: () => {
        if (!session.current) useToasts.getState().show('ok', t('sessions.ended', { name }));
        onClose();
      },
    });
  return (
    <ConfirmDialog
      isOpen
      onClose={close}
      onConfirm={end}
      title={t(session.current ? 'sessions.questionHere' : 'sessions.question', { name })}
      description={t(session.current ? 'sessions.warningHere' : 'sessions.warning')}
      confirmLabel={t('sessions.end')}
      isBusy={ending.isPending}
      error={ending.error}
    />
  );
}

function SessionsSkeleton() {
  return (
    <div className="flex flex-col gap-2">
      <Skeleton className="h-16" />
      <Skeleton className="h-16" />
    </div>
  );
}
