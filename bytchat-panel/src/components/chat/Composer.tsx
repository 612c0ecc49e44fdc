// Where one asks. What is typed is kept for each conversation until it is sent.
import { ArrowUp, Square } from 'lucide-react';
import { type FormEvent, type KeyboardEvent, type RefObject, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '@/components/ui/IconButton';
import { charactersLeft, isSending, isTooLong, SHOWN_BELOW } from '@/lib/composing';
import { useChat } from '@/store/chat';
import { useChatActions, useIsAnswering } from './chatContext';
import { TaskTypeSelect } from './TaskTypeSelect';

interface Props {
  botName: string;
  taskTypes: readonly string[];
  field: RefObject<HTMLTextAreaElement | null>;
}

export function Composer({ botName, taskTypes, field }: Props) {
  const { t } = useTranslation('chat');
  const { ask, stop, place } = useChatActions();
  const text = useChat((chat) => chat.drafts[place] ?? '');
  const setDraft = useChat((chat) => chat.setDraft);
  const isAnswering = useIsAnswering(place);
  const [taskType, setTaskType] = useState<string | null>(null);
  const hintId = useId();
  const canSend = !isAnswering && text.trim() !== '' && !isTooLong(text);

  const send = (event?: FormEvent) => {
    event?.preventDefault();
    field.current?.focus();
    if (!canSend) return;
    setDraft(place, '');
    ask({ query: text.trim(), taskType });
  };
  const halt = () => {
    field.current?.focus();
    stop();
  };
  const press = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === 'Escape' && isAnswering) halt();
    if (!isSending(event.nativeEvent)) return;
    event.preventDefault();
    send();
  };
  return (
    <form onSubmit={send} className="mx-auto w-full max-w-3xl px-4 pb-4 sm:px-6">
      <div className="rounded-2xl border border-line-strong bg-surface shadow-raised transition-colors focus-within:border-accent">
        <textarea
          ref={field}
          rows={1}
          value={text}
          onChange={(event) => setDraft(place, event.target.value)}
          onKeyDown={press}
          aria-label={t('composer.label')}
          aria-describedby={hintId}
          aria-invalid={isTooLong(text)}
          placeholder={t('composer.placeholder', { name: botName })}
          className="field-sizing-content block max-h-48 w-full resize-none bg-transparent px-4 pt-3.5 pb-1 text-base leading-6 outline-none placeholder:text-muted sm:text-[15px]"
        />
        <div className="flex items-center gap-2 px-2 pb-2 pl-3">
          {taskTypes.length > 1 && <TaskTypeSelect types={taskTypes} value={taskType} onChange={setTaskType} />}
          <p id={hintId} className="min-w-0 flex-1 truncate text-right text-muted text-xs">
            <span className="max-sm:sr-only">{t('composer.hint')}</span>
          </p>
          <Counter text={text} />
          {isAnswering ? (
            <IconButton
              icon={Square}
              variant="secondary"
              label={t('composer.stop')}
              onClick={halt}
              className={ROUND}
            />
          ) : (
            <IconButton
              icon={ArrowUp}
              type="submit"
              label={t('composer.send')}
              disabled={!canSend}
              className={SEND}
            />
          )}
        </div>
      </div>
    </form>
  );
}

const ROUND = 'size-9 rounded-full [&>svg]:size-4';
const SEND = `${ROUND} bg-accent text-on-accent hover:bg-accent-strong hover:text-on-accent`;

function Counter({ text }: { text: string }) {
  const { t } = useTranslation('chat');
  const left = charactersLeft(text);
  if (left > SHOWN_BELOW) return null;
  return (
    <p aria-live="polite" className={left < 0 ? 'font-medium text-danger text-xs' : 'text-muted text-xs'}>
      {left < 0 ? t('composer.tooLong', { count: -left }) : t('composer.left', { count: left })}
    </p>
  );
}
