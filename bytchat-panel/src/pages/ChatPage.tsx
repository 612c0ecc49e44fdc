// A bot's chat. A new conversation keeps its page when it gets its id.
import { useCallback, useEffect, useRef } from 'react';
import { useLocation, useNavigate, useParams } from 'react-router';
import { Chat } from '@/components/chat/Chat';
import { QueryState } from '@/components/ui/QueryState';
import { useBot } from '@/queries/bots';

export default function ChatPage() {
  const { botId = '', conversationId } = useParams();
  const bot = useBot(botId);
  const threadKey = useThreadKey(conversationId);
  const { onPlaced, startNew } = useNavigation(botId, conversationId, threadKey);
  return (
    <QueryState query={bot} loading={null}>
      {(data) => (
        <Chat
          key={botId}
          bot={data}
          conversationId={conversationId}
          threadKey={threadKey}
          onPlaced={onPlaced}
          onStartNew={startNew}
        />
      )}
    </QueryState>
  );
}

/** A conversation that began on this page keeps the key of its draft. */
function useThreadKey(conversationId: string | undefined): string {
  const { key, state } = useLocation();
  if (conversationId === undefined) return key;
  const begunAs = (state as { threadKey?: unknown } | null)?.threadKey;
  return typeof begunAs === 'string' ? begunAs : conversationId;
}

function useNavigation(botId: string, conversationId: string | undefined, threadKey: string) {
  const navigate = useNavigate();
  const here = useRef<{ threadKey: string; isDraft: boolean } | null>(null);
  useEffect(() => {
    here.current = { threadKey, isDraft: conversationId === undefined };
    return () => {
      here.current = null;
    };
  }, [threadKey, conversationId]);
  const onPlaced = useCallback(
    (id: string) => {
      // Whoever has gone on to something else stays there.
      const now = here.current;
      if (!now?.isDraft) return;
      void navigate(`/bots/${botId}/chat/${id}`, { replace: true, state: { threadKey: now.threadKey } });
    },
    [botId, navigate],
  );
  const startNew = useCallback(() => void navigate(`/bots/${botId}/chat`), [botId, navigate]);
  return { onPlaced, startNew };
}
