// A bot's picture: its first letter.
import { classes } from '@/lib/classes';
import { initialOf } from './botCard';

const SIZES = { sm: 'size-8 text-sm', md: 'size-10 text-base' };

export function BotAvatar({ name, size = 'md' }: { name: string; size?: keyof typeof SIZES }) {
  return (
    <span
      aria-hidden="true"
      className={classes(
        'grid shrink-0 place-items-center rounded-lg bg-accent-soft font-semibold text-accent',
        SIZES[size],
      )}
    >
      {initialOf(name)}
    </span>
  );
}
