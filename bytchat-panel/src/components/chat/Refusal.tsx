// In the place of an answer that never began: why, and what to do about it. The question stays above.
import { CircleAlert, CircleStop, KeyRound, MessageSquarePlus, Pencil, RotateCw, Wrench } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/Button';
import { LinkButton } from '@/components/ui/LinkButton';
import { useProblemText } from '@/components/ui/problemText';
import type { LiveTurn } from '@/store/chatReducer';
import { useChatActions } from './chatContext';
import { type Remedy, remedyFor } from './notice';

interface Props {
  id: string;
  turn: Extract<LiveTurn, { phase: 'refused' | 'given_up' }>;
}

export function Refusal({ id, turn }: Props) {
  const { t } = useTranslation('chat');
  const say = useProblemText();
  const isRefused = turn.phase === 'refused';
  const remedy = isRefused ? remedyFor(turn.problem.code) : 'retry';
  return (
    <div className="rounded-xl border border-line bg-surface p-4">
      <p role={isRefused ? 'alert' : undefined} className="flex items-start gap-2.5 text-[15px] leading-6">
        {isRefused ? (
          <CircleAlert aria-hidden className="mt-1 size-4 shrink-0 text-danger" />
        ) : (
          <CircleStop aria-hidden className="mt-1 size-4 shrink-0 text-muted" />
        )}
        <span className="[overflow-wrap:anywhere]">{isRefused ? say(turn.problem) : t('refusal.givenUp')}</span>
      </p>
      <div className="mt-3 flex flex-wrap gap-2 pl-6">
        <RemedyButton remedy={remedy} />
        {remedy !== 'new' && <ResendButton id={id} isMain={remedy === 'retry'} />}
        {turn.asked.questionId === null && <EditButton id={id} query={turn.asked.query} />}
      </div>
    </div>
  );
}

function RemedyButton({ remedy }: { remedy: Remedy }) {
  const { t } = useTranslation('chat');
  const { botId, startNew } = useChatActions();
  switch (remedy) {
    case 'toolbox':
      return (
        <LinkButton to={`/bots/${botId}/toolbox`} variant="primary" size="sm" icon={Wrench}>
          {t('refusal.toolbox')}
        </LinkButton>
      );
    case 'providers':
      return (
        <LinkButton to="/providers" variant="primary" size="sm" icon={KeyRound}>
          {t('refusal.providers')}
        </LinkButton>
      );
    case 'new':
      return (
        <Button variant="primary" size="sm" icon={MessageSquarePlus} onClick={startNew}>
          {t('refusal.new')}
        </Button>
      );
    default:
      return null;
  }
}

function ResendButton({ id, isMain }: { id: string; isMain: boolean }) {
  const { t } = useTranslation('chat');
  const { resend } = useChatActions();
  return (
    <Button variant={isMain ? 'primary' : 'secondary'} size="sm" icon={RotateCw} onClick={() => resend(id)}>
      {t('refusal.retry')}
    </Button>
  );
}

function EditButton({ id, query }: { id: string; query: string }) {
  const { t } = useTranslation('chat');
  const { edit } = useChatActions();
  return (
    <Button variant="ghost" size="sm" icon={Pencil} onClick={() => edit(id, query)}>
      {t('refusal.edit')}
    </Button>
  );
}
