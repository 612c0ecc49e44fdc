// One question and its answers, of which one is shown.
import { ChevronLeft, ChevronRight, RotateCw } from 'lucide-react';
import { memo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Message } from '@/api/types';
import { Button } from '@/components/ui/Button';
import { IconButton } from '@/components/ui/IconButton';
import { isSameTurn, mayBeAnswered, type Turn } from '@/lib/turns';
import { Answer } from './Answer';
import { useChatActions, useIsAnswering } from './chatContext';

interface Props {
  turn: Turn<Message>;
}

export const TurnRow = memo(
  function TurnRow({ turn }: Props) {
    const [shown, show] = useShownAnswer(turn.answers.length);
    const slot = turn.answers[shown];
    return (
      <div className="mx-auto w-full max-w-3xl px-4 py-4 sm:px-6">
        <QuestionBubble text={turn.text} />
        <div className="mt-6">
          {slot ? (
            <Answer key={slot.key} slot={slot} question={{ id: turn.questionId, text: turn.text }} />
          ) : (
            <Unanswered turn={turn} />
          )}
        </div>
        {turn.answers.length > 1 && <Pager shown={shown} count={turn.answers.length} onShow={show} />}
      </div>
    );
  },
  (before, after) => isSameTurn(before.turn, after.turn),
);

/** The newest, unless the reader has chosen; a new one is shown at once. */
function useShownAnswer(count: number): [number, (index: number) => void] {
  const [choice, setChoice] = useState<{ index: number; among: number } | null>(null);
  const shown = choice?.among === count ? choice.index : count - 1;
  return [shown, (index) => setChoice({ index, among: count })];
}

function QuestionBubble({ text }: { text: string }) {
  const { t } = useTranslation('chat');
  return (
    <article aria-label={t('question.label')} className="flex justify-end">
      <p className="max-w-[85%] whitespace-pre-wrap rounded-2xl rounded-br-md bg-sunken px-4 py-2.5 text-[15px] leading-6 [overflow-wrap:anywhere]">
        {text}
      </p>
    </article>
  );
}

function Unanswered({ turn }: Props) {
  const { t } = useTranslation('chat');
  const { ask, place } = useChatActions();
  const isAnswering = useIsAnswering(place);
  return (
    <div className="flex flex-wrap items-center gap-3 text-[15px] text-muted">
      <p>{t(mayBeAnswered(turn.askedAt, Date.now()) ? 'question.elsewhere' : 'question.unanswered')}</p>
      <Button
        size="sm"
        icon={RotateCw}
        disabled={isAnswering}
        onClick={() => ask({ query: turn.text, questionId: turn.questionId })}
      >
        {t('question.answer')}
      </Button>
    </div>
  );
}

interface PagerProps {
  shown: number;
  count: number;
  onShow: (index: number) => void;
}

function Pager({ shown, count, onShow }: PagerProps) {
  const { t } = useTranslation('chat');
  return (
    <nav aria-label={t('answer.versions')} className="mt-1 -ml-2 flex items-center gap-1 text-muted text-xs">
      <IconButton
        icon={ChevronLeft}
        size="sm"
        label={t('answer.previous')}
        aria-disabled={shown === 0}
        onClick={() => shown > 0 && onShow(shown - 1)}
      />
      <span aria-live="polite">{t('answer.position', { n: shown + 1, count })}</span>
      <IconButton
        icon={ChevronRight}
        size="sm"
        label={t('answer.next')}
        aria-disabled={shown === count - 1}
        onClick={() => shown < count - 1 && onShow(shown + 1)}
      />
    </nav>
  );
}
