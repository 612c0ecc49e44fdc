// How much of something limited is used, for the eye alone: the words beside it say the same.
import { classes } from '@/lib/classes';

export type MeterTone = 'accent' | 'warn' | 'danger';

interface Props {
  value: number;
  max: number;
  tone?: MeterTone;
}

const TONES: Record<MeterTone, string> = { accent: 'bg-accent', warn: 'bg-warn', danger: 'bg-danger' };

export function Meter({ value, max, tone = 'accent' }: Props) {
  const share = max <= 0 ? 1 : Math.min(1, Math.max(0, value / max));
  return (
    <div aria-hidden className="h-2 w-full overflow-hidden rounded-full bg-line">
      <div
        // What is little is seen all the same.
        className={classes('h-full rounded-full', value > 0 && 'min-w-1', TONES[tone])}
        style={{ width: `${share * 100}%` }}
      />
    </div>
  );
}
