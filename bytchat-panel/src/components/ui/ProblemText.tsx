// What went wrong, where it went wrong.
import { CircleAlert } from 'lucide-react';
import { classes } from '@/lib/classes';
import { useProblemText } from './problemText';

interface Props {
  error: unknown;
  className?: string;
}

export function ProblemText({ error, className }: Props) {
  const say = useProblemText();
  return (
    <p
      role="alert"
      className={classes(
        'wrap-anywhere flex items-start gap-2 rounded-lg bg-danger-soft px-3 py-2 text-danger text-sm leading-5',
        className,
      )}
    >
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
      <span>{say(error)}</span>
    </p>
  );
}
