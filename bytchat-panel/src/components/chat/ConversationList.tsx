// A bot's conversations, the one last spoken in first.
import { SquarePen } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ConversationSummary } from '@/api/types';
import { Button } from '@/components/ui/Button';
import { ConfirmDialog } from '@/components/ui/ConfirmDialog';
import { ProblemText } from '@/components/ui/ProblemText';
import { QueryState } from '@/components/ui/QueryState';
import { Skeleton } from '@/components/ui/Skeleton';
import { useConversations, useDeleteConversation } from '@/queries/conversations';
import { announce } from '@/store/announcer';
import { ConversationRow } from './ConversationRow';

interface Props {
  botId: string;
  currentId: string | undefined;
  onStartNew: () => void;
  /** One was chosen. */
  onPicked?: () => void;
}

export function ConversationList({ botId, currentId, onStartNew, onPicked }: Props) {
  const { t } = useTranslation('chat');
  const query = useConversations(botId);
  const [doomed, setDoomed] = useState<ConversationSummary | null>(null);
  const deletion = useDeletion(botId, currentId, onStartNew, () => setDoomed(null));
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="p-3 pb-2">
        <Button icon={SquarePen} onClick={onStartNew} className="w-full justify-start">
          {t('conversations.new')}
        </Button>
      </div>
      <nav aria-label={t('conversations.title')} className="relative min-h-0 flex-1 overflow-y-auto px-3 pb-3">
        <QueryState
          query={query}
          loading={<Loading />}
          isEmpty={({ pages }) => pages.every(({ conversations }) => conversations.length === 0)}
          empty={<p className="px-3 py-2 text-muted text-sm leading-5">{t('conversations.empty')}</p>}
        >
          {({ pages }) => (
            <ul className="space-y-0.5">
              {pages.flatMap(({ conversations }) =>
                conversations.map((conversation) => (
                  <ConversationRow
                    key={conversation.id}
                    conversation={conversation}
                    isCurrent={conversation.id === currentId}
                    onDelete={() => setDoomed(conversation)}
                    onPicked={onPicked}
                  />
                )),
              )}
            </ul>
          )}
        </QueryState>
        {query.isFetchNextPageError && <ProblemText error={query.error} className="px-3 py-2" />}
        {query.hasNextPage && (
          <Button
            variant="ghost"
            size="sm"
            isBusy={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
            className="mt-1 w-full"
          >
            {t('conversations.more')}
          </Button>
        )}
      </nav>
      <ConfirmDialog
        isOpen={doomed !== null}
        onClose={() => setDoomed(null)}
        onConfirm={() => doomed && deletion.start(doomed.id)}
        title={t('conversations.deleteTitle')}
        description={t('conversations.deleteText', { title: doomed?.title ?? '' })}
        confirmLabel={t('conversations.deleteConfirm')}
        isBusy={deletion.isBusy}
        error={deletion.error}
      />
    </div>
  );
}

function useDeletion(botId: string, currentId: string | undefined, onStartNew: () => void, onDone: () => void) {
  const { t } = useTranslation('chat');
  const { mutate, isPending, error } = useDeleteConversation(botId);
  const start = (conversationId: string) =>
    mutate(conversationId, {
      onSuccess: () => {
        onDone();
        announce(t('conversations.deleted'));
        if (conversationId === currentId) onStartNew();
      },
    });
  return { start, isBusy: isPending, error };
}

function Loading() {
  return (
    <div className="space-y-2 px-3 py-2">
      {['w-11/12', 'w-8/12', 'w-10/12'].map((width) => (
        <Skeleton key={width} className={`h-5 ${width}`} />
      ))}
    </div>
  );
}
