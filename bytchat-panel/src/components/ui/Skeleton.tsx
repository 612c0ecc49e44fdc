import { classes } from '@/lib/classes';

/** The grey shape of what is about to come; its size comes in `className`. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={classes('h-4 animate-pulse rounded-lg bg-line/60', className)} />;
}
