// The pages of one thing, as a row of links.
import type { LucideIcon } from 'lucide-react';
import { NavLink } from 'react-router';
import { classes } from '@/lib/classes';

export interface NavTab {
  to: string;
  label: string;
  icon?: LucideIcon;
  end?: boolean;
}

export function NavTabs({ items, label }: { items: NavTab[]; label: string }) {
  return (
    <nav aria-label={label} className="-mb-px flex gap-1 overflow-x-auto [scrollbar-width:none]">
      {items.map(({ to, label: name, icon: Icon, end }) => (
        <NavLink
          key={to}
          to={to}
          end={end ?? false}
          className={({ isActive }) =>
            classes(
              'flex h-11 shrink-0 items-center gap-2 rounded-t-lg border-transparent border-b-2 px-3 text-[15px]',
              'text-muted transition-colors hover:text-ink focus-visible:-outline-offset-2',
              isActive && 'border-accent font-medium text-ink',
            )
          }
        >
          {Icon && <Icon aria-hidden className="hidden size-[18px] sm:block" />}
          {name}
        </NavLink>
      ))}
    </nav>
  );
}
