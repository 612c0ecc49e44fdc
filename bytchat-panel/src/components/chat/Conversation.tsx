// The middle of the chat: the thread with what is coming, or what stands there before it.
import { MessageCircleOff, SquarePen } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Problem } from '@/api/problem';
import type { Conversation as ConversationBody, Message } from '@/api/types';
import { Button } from '@/components/ui/Button';
import { EmptyState } from '@/components/ui/EmptyState';
import { ErrorState } from '@/components/ui/ErrorState';
import { useProblemText } from '@/components/ui/problemText';
import { Skeleton } from '@/components/ui/Skeleton';
import { turnsOf } from '@/lib/turns';
import type { useConversation } from '@/queries/conversations';
import { isLive, type TurnHead } from '@/store/chatReducer';
import { useChatActions } from './chatContext';
import { EmptyChat } from './EmptyChat';
import { Thread } from './Thread';

interface Props {
  botName: string;
  isDraft: boolean;
  query: ReturnType<typeof useConversation>;
  heads: readonly TurnHead[];
  /** The thread keeps its place while this is the same. */
  threadKey: string;
}

const NO_MESSAGES: readonly Message[] = [];

export function Conversation({ botName, isDraft, query, heads, threadKey }: Props) {
  const messages = messagesOf(query.data, isDraft);
  const turns = useMemo(() => (messages ? turnsOf(messages, heads) : []), [messages, heads]);
  if (!messages) return query.error ? <Failed query={query} /> : <Loading />;
  if (turns.length === 0) return <EmptyChat key={threadKey} botName={botName} />;
  const followed = heads.find((head) => isLive(head.phase) && turns.at(-1)?.answers.at(-1)?.pendingId === head.id);
  return <Thread key={threadKey} turns={turns} followedId={followed?.id} />;
}

/** Undefined while they are not known. */
function messagesOf(conversation: ConversationBody | undefined, isDraft: boolean): readonly Message[] | undefined {
  return isDraft ? NO_MESSAGES : conversation?.messages;
}

function Failed({ query }: Pick<Props, 'query'>) {
  const { t } = useTranslation('chat');
  const { startNew } = useChatActions();
  const say = useProblemText();
  const isGone = query.error instanceof Problem && query.error.status === 404;
  const toNew = (
    <Button variant="primary" icon={SquarePen} onClick={startNew}>
      {t('thread.startNew')}
    </Button>
  );
  return (
    <div className="relative min-h-0 flex-1 overflow-y-auto">
      {isGone ? (
        <EmptyState icon={MessageCircleOff} title={t('thread.gone')} text={say(query.error)} action={toNew} />
      ) : (
        <ErrorState error={query.error} isBusy={query.isFetching} onRetry={() => void query.refetch()} />
      )}
    </div>
  );
}

function Loading() {
  const { t } = useTranslation('chat');
  return (
    <div aria-busy="true" className="min-h-0 flex-1">
      <p role="status" className="sr-only">
        {t('thread.loading')}
      </p>
      <div className="mx-auto max-w-3xl space-y-4 px-4 py-6 sm:px-6">
        <Skeleton className="ml-auto h-11 w-2/3 rounded-2xl" />
        <Skeleton className="mt-8 h-5 w-11/12" />
        <Skeleton className="h-5 w-10/12" />
        <Skeleton className="h-5 w-7/12" />
      </div>
    </div>
  );
}
