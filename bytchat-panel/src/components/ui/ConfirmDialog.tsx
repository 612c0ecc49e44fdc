// Asks before something is lost or costs. What is worst asks for words to be typed.
import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import { Button } from './Button';
import { Dialog } from './Dialog';
import { Input } from './Input';
import { ProblemText } from './ProblemText';

interface Props {
  isOpen: boolean;
  onClose: () => void;
  onConfirm: () => void;
  title: string;
  description?: ReactNode;
  confirmLabel: string;
  /** Whether anything is lost by it. */
  tone?: 'danger' | 'primary';
  /** These words must be typed before it can be confirmed. */
  typed?: string | undefined;
  /** They are an e-mail, whose capitals say nothing. */
  isTypedEmail?: boolean;
  isBusy?: boolean;
  error?: unknown;
  /** What may be done before it. */
  children?: ReactNode;
}

export function ConfirmDialog({ isOpen, ...rest }: Props) {
  return isOpen ? <OpenConfirmDialog {...rest} /> : null;
}

function OpenConfirmDialog({
  typed,
  isTypedEmail = false,
  onConfirm,
  tone = 'danger',
  isBusy = false,
  error,
  children,
  ...rest
}: Omit<Props, 'isOpen'>) {
  const { t } = useTranslation('common');
  const { onClose, title, description, confirmLabel } = rest;
  const [words, setWords] = useState('');
  const form = useId();
  // Known at once: a second press may come before the first is drawn as busy.
  const isSent = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a failure gives the next try free.
  useEffect(() => {
    if (!isBusy) isSent.current = false;
  }, [isBusy, error]);
  const progress = typed === undefined ? 'same' : compare(words, typed, isTypedEmail);
  const isConfirmed = progress === 'same';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    event.stopPropagation();
    if (!isConfirmed || isBusy || isSent.current) return;
    isSent.current = true;
    onConfirm();
  };
  const footer = (
    <>
      <Button onClick={onClose} {...(typed === undefined && { 'data-autofocus': true })}>
        {t('cancel')}
      </Button>
      <Button type="submit" form={form} variant={tone} isBusy={isBusy} disabled={!isConfirmed}>
        {confirmLabel}
      </Button>
    </>
  );
  return (
    <Dialog isOpen size="sm" onClose={onClose} title={title} description={description} footer={footer}>
      {children && <div className="mb-5">{children}</div>}
      <form id={form} onSubmit={submit} className="flex flex-col gap-3 empty:hidden">
        {typed !== undefined && <TypedWords {...{ typed, isTypedEmail, words, progress }} onChange={setWords} />}
        {error != null && <ProblemText error={error} />}
      </form>
    </Dialog>
  );
}

/** What was typed, beside what must be. */
type Progress = 'same' | 'unfinished' | 'differs';

function compare(words: string, typed: string, isEmail: boolean): Progress {
  const [given, wanted] = [words, typed].map((text) => (isEmail ? text.trim().toLowerCase() : text.trim()));
  if (given === wanted) return 'same';
  return wanted?.startsWith(given ?? '') ? 'unfinished' : 'differs';
}

const WHY_NOT = { same: null, unfinished: 'typedUnfinished', differs: 'typedDiffers' } as const;

interface TypedProps {
  typed: string;
  isTypedEmail: boolean;
  words: string;
  progress: Progress;
  onChange: (words: string) => void;
}

function TypedWords({ typed, isTypedEmail, words, progress, onChange }: TypedProps) {
  const { t } = useTranslation('common');
  const id = useId();
  const why = WHY_NOT[progress];
  return (
    <>
      <label htmlFor={id} className="text-sm">
        <Trans
          ns="common"
          i18nKey="typeToConfirm"
          values={{ words: typed }}
          components={{ b: <strong className="wrap-anywhere select-all font-semibold" /> }}
        />
      </label>
      <Input
        id={id}
        data-autofocus
        inputMode={isTypedEmail ? 'email' : 'text'}
        autoComplete="off"
        autoCapitalize="off"
        autoCorrect="off"
        spellCheck={false}
        aria-describedby={`${id}-why`}
        value={words}
        onChange={(event) => onChange(event.target.value)}
      />
      <p id={`${id}-why`} aria-live="polite" className="min-h-5 text-muted text-sm leading-5">
        {why && t(why)}
      </p>
    </>
  );
}
