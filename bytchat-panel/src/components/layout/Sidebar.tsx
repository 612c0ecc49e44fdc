// Where one can go, and who one is.
import { Bot as BotIcon, KeyRound, LayoutDashboard, type LucideIcon } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link, NavLink } from 'react-router';
import { LogoWithName } from '@/components/ui/Logo';
import { Skeleton } from '@/components/ui/Skeleton';
import { classes } from '@/lib/classes';
import { useBots } from '@/queries/bots';
import { AccountMenu } from './AccountMenu';
import { LanguageSwitch, ThemeSwitch } from './Preferences';
import { recentBots } from './recentBots';

export function Sidebar() {
  return (
    <div className="flex h-full flex-col gap-6 px-3 pt-4 pb-3">
      <Link to="/" className="mx-2 self-start rounded-lg">
        <LogoWithName />
      </Link>
      <MainNavigation />
      <RecentBots />
      <div className="mt-auto flex flex-col gap-3">
        <div className="flex flex-wrap items-center justify-between gap-2 px-1">
          <LanguageSwitch />
          <ThemeSwitch />
        </div>
        <AccountMenu />
      </div>
    </div>
  );
}

function MainNavigation() {
  const { t } = useTranslation('common');
  return (
    <nav aria-label={t('navigation')} className="flex flex-col gap-0.5">
      <SidebarLink to="/" end icon={LayoutDashboard} text={t('nav.overview')} />
      <SidebarLink to="/bots" end icon={BotIcon} text={t('nav.bots')} />
      <SidebarLink to="/providers" icon={KeyRound} text={t('nav.providers')} />
    </nav>
  );
}

function RecentBots() {
  const { t } = useTranslation('common');
  const { data, isPending } = useBots();
  const bots = recentBots(data ?? []);
  if (!isPending && bots.length === 0) return null;
  return (
    <nav aria-label={t('nav.yourBots')} className="flex min-h-0 flex-col gap-0.5">
      <p aria-hidden className="px-3 pb-1.5 font-medium text-[13px] text-muted">
        {t('nav.yourBots')}
      </p>
      <div className="relative -mx-1 flex min-h-0 flex-col gap-0.5 overflow-y-auto px-1 pb-1">
        {isPending && <Skeleton className="mx-3 my-2 w-32" />}
        {bots.map(({ id, name }) => (
          <SidebarLink key={id} to={`/bots/${id}`} text={name} />
        ))}
      </div>
    </nav>
  );
}

interface LinkProps {
  to: string;
  text: string;
  icon?: LucideIcon;
  end?: boolean;
}

function SidebarLink({ to, text, icon: Icon, end = false }: LinkProps) {
  return (
    <NavLink
      to={to}
      end={end}
      className={({ isActive }) =>
        classes(
          'flex h-9 shrink-0 items-center gap-3 rounded-lg px-3 text-[15px] text-muted transition-colors hover:bg-sunken hover:text-ink',
          isActive && 'bg-accent-soft font-medium text-ink',
        )
      }
    >
      {Icon && <Icon aria-hidden className="size-[18px] shrink-0" />}
      <span className="truncate">{text}</span>
    </NavLink>
  );
}
