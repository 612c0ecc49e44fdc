// The sign of Bytchat, alone or with its name.
import { classes } from '@/lib/classes';

export function Logo({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" className={classes('size-8 shrink-0', className)}>
      <rect width="32" height="32" rx="9" className="fill-accent" />
      <g className="fill-on-accent">
        <path d="M8 12.2A4.2 4.2 0 0 1 12.2 8h7.6a4.2 4.2 0 0 1 4.2 4.2v5.1a4.2 4.2 0 0 1-4.2 4.2h-5.3l-4.6 3.6c-.5.4-1.2 0-1.2-.6v-4A4.2 4.2 0 0 1 8 17.3z" />
      </g>
      <g className="fill-accent">
        <rect x="11.6" y="11.9" width="8.8" height="1.9" rx=".95" />
        <rect x="11.6" y="15.7" width="5.4" height="1.9" rx=".95" />
      </g>
    </svg>
  );
}

export function LogoWithName({ className }: { className?: string }) {
  return (
    <span className={classes('inline-flex items-center gap-2.5', className)}>
      <Logo />
      <span className="font-semibold text-lg tracking-tight">Bytchat</span>
    </span>
  );
}
