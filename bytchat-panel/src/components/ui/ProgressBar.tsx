// How far something has come; `max` null where nobody knows how far it is.
import { classes } from '@/lib/classes';

interface Props {
  value: number;
  max: number | null;
  label: string;
  className?: string;
}

export function ProgressBar({ value, max, label, className }: Props) {
  const share = max === null ? null : max <= 0 ? 1 : Math.min(1, Math.max(0, value / max));
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={max ?? undefined}
      aria-valuenow={max === null ? undefined : value}
      className={classes('h-1.5 w-full overflow-hidden rounded-full bg-line', className)}
    >
      {share === null ? (
        <div className="h-full w-1/3 animate-sweep rounded-full bg-accent" />
      ) : (
        <div
          className="h-full rounded-full bg-accent transition-[width] duration-300"
          style={{ width: `${share * 100}%` }}
        />
      )}
    </div>
  );
}
