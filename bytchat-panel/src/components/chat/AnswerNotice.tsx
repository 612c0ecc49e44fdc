// What is to be known of an answer that did not end as it should.
import { CircleAlert, CircleStop, Scissors } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Message } from '@/api/types';
import { useProblemText } from '@/components/ui/problemText';
import { classes } from '@/lib/classes';
import { type Notice, noticeOf } from './notice';

const TONES = {
  neutral: 'bg-sunken text-muted',
  warn: 'bg-warn-soft text-warn',
  danger: 'bg-danger-soft text-danger',
};

export function AnswerNotice({ message }: { message: Message }) {
  const { t } = useTranslation('chat');
  const say = useProblemText();
  const notice = noticeOf(message);
  if (!notice) return null;
  const Icon = iconOf(notice);
  const text =
    notice.kind === 'error' ? t('notice.error', { reason: say(notice.code) }) : t(`notice.${notice.kind}`);
  return (
    <p
      className={classes('mt-3 flex items-start gap-2 rounded-lg px-3 py-2 text-sm leading-5', TONES[notice.tone])}
    >
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
      <span>{text}</span>
    </p>
  );
}

function iconOf({ kind }: Notice) {
  if (kind === 'length') return Scissors;
  return kind === 'error' || kind === 'blocked' ? CircleAlert : CircleStop;
}
