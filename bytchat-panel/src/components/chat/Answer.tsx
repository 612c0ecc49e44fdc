// One answer: as it comes and as it is stored, drawn alike, so that nothing moves when it is complete.
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Message } from '@/api/types';
import type { AnswerSlot } from '@/lib/turns';
import { useChat } from '@/store/chat';
import { AnswerFooter } from './AnswerFooter';
import { AnswerNotice } from './AnswerNotice';
import { useChatActions } from './chatContext';
import { CitationContext } from './citationContext';
import { liveMessage } from './liveMessage';
import { Markdown } from './Markdown';
import { Refusal } from './Refusal';
import { Sources } from './Sources';
import { Thinking } from './Thinking';

interface Props {
  slot: AnswerSlot<Message>;
  /** The stored question, where it is stored, and its words. */
  question: { id: string | null; text: string };
}

export function Answer({ slot, question }: Props) {
  const live = useChat((chat) => (slot.pendingId === null ? undefined : chat.turns[slot.pendingId]));
  const message = useMemo(() => {
    if (slot.stored) return slot.stored;
    return live && 'started' in live ? liveMessage(live) : null;
  }, [slot.stored, live]);
  if (message) return <AnswerBody message={message} question={question} />;
  if (live?.phase === 'asking') return <Thinking />;
  if (live?.phase === 'refused' || live?.phase === 'given_up') {
    return <Refusal id={slot.pendingId ?? ''} turn={live} />;
  }
  return null;
}

function AnswerBody({ message, question }: { message: Message; question: Props['question'] }) {
  const { t } = useTranslation('chat');
  const isGrowing = message.finish === null;
  const citations = useCitations(message);
  return (
    <article aria-label={t('answer.label')} aria-busy={isGrowing} className="min-w-0">
      {message.text === '' && isGrowing ? (
        <Thinking />
      ) : (
        <CitationContext value={citations}>
          <Markdown text={message.text} isGrowing={isGrowing} />
        </CitationContext>
      )}
      {!isGrowing && (
        <>
          <AnswerNotice message={message} />
          <Sources citations={message.citations} text={message.text} />
          <AnswerFooter message={message} question={question} />
        </>
      )}
    </article>
  );
}

/** The same value while the passages are the same ones: a new word must not draw every citation anew. */
function useCitations({ citations }: Message) {
  const { openPassage } = useChatActions();
  const passages = useStable(citations);
  return useMemo(
    () => ({ byNumber: new Map(passages.map((one) => [one.n, one])), open: openPassage }),
    [passages, openPassage],
  );
}

function useStable(citations: Message['citations']) {
  const key = citations.map(({ n, document_id, start, end }) => `${n}:${document_id}:${start}:${end}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says all that they differ in.
  return useMemo(() => citations, [key]);
}
