// Something is under way. With a label it says what; inside a control it only turns.
import { LoaderCircle } from 'lucide-react';
import { classes } from '@/lib/classes';

interface Props {
  label?: string | undefined;
  className?: string | undefined;
}

export function Spinner({ label, className }: Props) {
  const wheel = <LoaderCircle aria-hidden className={classes('size-[18px] shrink-0 animate-spin', className)} />;
  if (!label) return wheel;
  return (
    <span role="status" className="inline-flex items-center gap-2 text-muted text-sm">
      {wheel}
      {label}
    </span>
  );
}
