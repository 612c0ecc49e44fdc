// One of a few, side by side: radio buttons that look like one control.
import type { LucideIcon } from 'lucide-react';
import { useId } from 'react';
import { classes } from '@/lib/classes';

interface Props<T extends string> {
  label: string;
  value: T;
  onChange: (value: T) => void;
  /** `name` is what is heard and shown on hover where the label is short or only an icon. */
  options: readonly { value: T; label: string; name?: string; icon?: LucideIcon }[];
  className?: string;
}

export function Segmented<T extends string>({ label, value, onChange, options, className }: Props<T>) {
  const group = useId();
  return (
    <fieldset className={classes('inline-flex max-w-full rounded-lg bg-sunken p-1', className)}>
      <legend className="sr-only">{label}</legend>
      {options.map(({ value: one, label: text, name: spoken, icon: Icon }) => (
        <label
          key={one}
          title={spoken}
          className={classes(
            'relative flex h-8 flex-1 cursor-pointer items-center justify-center gap-1.5 whitespace-nowrap rounded-md px-3 text-muted text-sm',
            'transition-colors hover:text-ink has-checked:bg-surface has-checked:font-medium has-checked:text-ink has-checked:shadow-sm has-checked:ring-1 has-checked:ring-line',
            'has-focus-visible:outline-2 has-focus-visible:outline-accent',
          )}
        >
          <input
            type="radio"
            name={group}
            value={one}
            aria-label={spoken}
            checked={one === value}
            onChange={() => onChange(one)}
            className="absolute inset-0 cursor-pointer appearance-none rounded-md outline-none"
          />
          {Icon && <Icon aria-hidden className="pointer-events-none size-4 shrink-0" />}
          {text && <span className="pointer-events-none">{text}</span>}
        </label>
      ))}
    </fieldset>
  );
}
