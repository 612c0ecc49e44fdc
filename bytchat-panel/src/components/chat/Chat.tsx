// A bot's chat: its conversations, the thread and where one asks.
import { lazy, Suspense, useCallback, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useShallow } from 'zustand/react/shallow';
import type { Bot } from '@/api/types';
import { usePassage } from '@/components/training/usePassage';
import { Drawer } from '@/components/ui/Drawer';
import { useTitle } from '@/components/ui/useTitle';
import { useAsking, useConversation } from '@/queries/conversations';
import { draftOf, useChat } from '@/store/chat';
import { ChatHeader } from './ChatHeader';
import { Composer } from './Composer';
import { Conversation } from './Conversation';
import { ConversationList } from './ConversationList';
import { type ChatActions, ChatContext } from './chatContext';
import { useAnnouncedAnswers } from './useAnnouncedAnswers';

interface Props {
  bot: Bot;
  conversationId: string | undefined;
  threadKey: string;
  /** The draft has become this conversation. */
  onPlaced: (conversationId: string) => void;
  /** Go to an empty draft. */
  onStartNew: () => void;
}

const PassageDrawer = lazy(async () => ({
  default: (await import('@/components/training/PassageDrawer')).PassageDrawer,
}));
const NO_IDS: readonly string[] = [];

export function Chat({ bot, conversationId, threadKey, onPlaced, onStartNew }: Props) {
  const { t } = useTranslation('chat');
  const place = conversationId ?? draftOf(bot.id);
  const heads = useHeads(place);
  const query = useConversation(conversationId, heads.findLast((head) => head.phase === 'ended')?.id);
  const field = useRef<HTMLTextAreaElement>(null);
  const { passage, openPassage, closePassage } = usePassage();
  const [isListShown, setIsListShown] = useState(true);
  const [isListOpen, setIsListOpen] = useState(false);
  const asking = useAsking(bot.id, place, onPlaced);
  useAnnouncedAnswers(heads);
  const title = query.data?.title ?? t('newTitle');
  useTitle(`${title} · ${bot.name}`);

  const startNew = useCallback(() => {
    setIsListOpen(false);
    onStartNew();
    field.current?.focus();
  }, [onStartNew]);
  const actions = useMemo<ChatActions>(() => {
    const edit = (id: string, text: string) => {
      asking.dismiss(id);
      useChat.getState().setDraft(place, text);
      field.current?.focus();
    };
    return { ...asking, botId: bot.id, place, openPassage, startNew, edit };
  }, [asking, bot.id, place, openPassage, startNew]);
  const list = { botId: bot.id, currentId: conversationId, onStartNew: startNew };
  const taskTypes = useMemo(() => [...new Set(bot.configs.map((config) => config.task_type))], [bot.configs]);

  return (
    <ChatContext value={actions}>
      <div className="flex min-h-0 flex-1 short:min-h-96 short:shrink-0">
        {isListShown && (
          <div className="w-64 shrink-0 border-line border-r max-lg:hidden">
            <ConversationList {...list} />
          </div>
        )}
        <div className="flex min-w-0 flex-1 flex-col">
          <ChatHeader
            title={title}
            isListShown={isListShown}
            onToggleList={() => setIsListShown(!isListShown)}
            onOpenList={() => setIsListOpen(true)}
            onStartNew={startNew}
          />
          <Conversation
            botName={bot.name}
            isDraft={conversationId === undefined}
            query={query}
            heads={heads}
            threadKey={threadKey}
          />
          <Composer botName={bot.name} taskTypes={taskTypes} field={field} />
        </div>
      </div>
      <Drawer isOpen={isListOpen} onClose={() => setIsListOpen(false)} title={t('conversations.title')}>
        <ConversationList {...list} onPicked={() => setIsListOpen(false)} />
      </Drawer>
      {passage && (
        <Suspense>
          <PassageDrawer botId={bot.id} passage={passage} onClose={closePassage} />
        </Suspense>
      )}
    </ChatContext>
  );
}

/** What is pending here: it changes when a turn goes on to its next phase, not with its words. */
function useHeads(place: string) {
  return useChat(
    useShallow(({ places, heads }) => (places[place] ?? NO_IDS).flatMap((id) => (heads[id] ? [heads[id]] : []))),
  );
}
