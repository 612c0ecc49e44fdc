// Below an answer: what one may do with it, who gave it and what it took.
import { FileSearch, RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Message } from '@/api/types';
import { Badge } from '@/components/ui/Badge';
import { CopyButton } from '@/components/ui/CopyButton';
import { IconButton } from '@/components/ui/IconButton';
import { LinkButton } from '@/components/ui/LinkButton';
import { useFormat } from '@/components/ui/useFormat';
import { isRefusal } from '@/lib/refusal';
import { trySearch } from '@/lib/trySearch';
import { useChatActions, useIsAnswering } from './chatContext';
import { useCostText, useTokensText } from './figures';

interface Props {
  message: Message;
  question: { id: string | null; text: string };
}

export function AnswerFooter({ message, question }: Props) {
  const { t } = useTranslation('chat');
  const { ask, place } = useChatActions();
  const isAnswering = useIsAnswering(place);
  const questionId = question.id ?? message.question_id;
  return (
    <footer className="mt-3 text-muted text-xs">
      <div className="-ml-2 flex items-start gap-x-1">
        <CopyButton text={message.text} label={t('answer.copy')} />
        <IconButton
          icon={RotateCw}
          size="sm"
          label={t('answer.retry')}
          disabled={isAnswering}
          onClick={() => ask({ query: question.text, questionId })}
        />
        {isRefusal(message) ? <RefusalSummary /> : <Summary message={message} />}
      </div>
      {isRefusal(message) ? (
        <RefusalDetails message={message} question={question.text} />
      ) : (
        <Details message={message} />
      )}
    </footer>
  );
}

function Summary({ message }: { message: Message }) {
  const format = useFormat();
  const tokens = useTokensText(message);
  const cost = useCostText(message);
  const facts = [
    `${message.provider ?? ''} · ${message.model_id ?? ''}`,
    tokens?.short,
    cost,
    message.duration_ms === null ? null : format.duration(message.duration_ms),
  ];
  return (
    <p className="flex min-h-8 min-w-0 flex-1 flex-wrap items-center gap-x-3 pl-1">
      {facts.filter(Boolean).map((fact) => (
        <span key={fact} className="min-w-0 max-w-56 truncate">
          {fact}
        </span>
      ))}
    </p>
  );
}

function RefusalSummary() {
  const { t } = useTranslation('chat');
  return (
    <p className="flex min-h-8 min-w-0 flex-1 items-center pl-1">
      <Badge icon={FileSearch}>{t('answer.noAnswer')}</Badge>
    </p>
  );
}

/** Why nothing was said, and a way to see what was found. */
function RefusalDetails({ message, question }: { message: Message; question: string }) {
  const { t } = useTranslation('chat');
  const { botId } = useChatActions();
  return (
    <More summary={t('answer.whyNoAnswer')}>
      <p className="[overflow-wrap:anywhere]">{asSentence(message.reason || t('answer.noAnswerText'))}</p>
      <p className="text-muted">{t('answer.noModel')}</p>
      <LinkButton {...trySearch(botId, question)} size="sm" icon={FileSearch}>
        {t('answer.trySearch')}
      </LinkButton>
    </More>
  );
}

function Details({ message }: { message: Message }) {
  const { t } = useTranslation('chat');
  const format = useFormat();
  const tokens = useTokensText(message);
  const cost = useCostText(message);
  const { first_token_ms: first, duration_ms: total } = message;
  const time = { first: format.duration(first ?? 0), total: format.duration(total ?? 0) };
  return (
    <More summary={t('answer.why')}>
      {message.reason && <p className="[overflow-wrap:anywhere]">{asSentence(message.reason)}</p>}
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-[13px] [overflow-wrap:anywhere]">
        <Fact term={t('answer.model')} value={`${message.provider ?? ''} · ${message.model_id ?? ''}`} />
        <Fact term={t('answer.taskType')} value={message.task_type} />
        <Fact term={t('answer.tokensLabel')} value={tokens?.long ?? null} />
        <Fact term={t('answer.costLabel')} value={cost} />
        <Fact
          term={t('answer.timeLabel')}
          value={first === null || total === null ? null : t('answer.time', time)}
        />
      </dl>
    </More>
  );
}

function More({ summary, children }: { summary: string; children: ReactNode }) {
  return (
    <details className="group">
      <summary className="inline-flex h-8 select-none items-center rounded-lg underline decoration-line-strong underline-offset-4 hover:text-ink">
        {summary}
      </summary>
      <div className="mt-1 space-y-2 rounded-xl border border-line bg-surface p-3 text-ink text-sm leading-5">
        {children}
      </div>
    </details>
  );
}

function Fact({ term, value }: { term: string; value: string | null }) {
  if (!value) return null;
  return (
    <>
      <dt className="text-muted">{term}</dt>
      <dd>{value}</dd>
    </>
  );
}

/** The router's reasons are phrases. */
function asSentence(phrase: string): string {
  const whole = phrase.charAt(0).toUpperCase() + phrase.slice(1);
  return /[.!?…]$/.test(whole) ? whole : `${whole}.`;
}
