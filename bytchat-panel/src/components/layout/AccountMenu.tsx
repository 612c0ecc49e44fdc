// Whose account it is, and the way out.
import { ChevronsUpDown, LogOut, UserRound } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { Menu } from '@/components/ui/Menu';
import { useSession } from '@/store/session';

export function AccountMenu() {
  const { t } = useTranslation('common');
  const navigate = useNavigate();
  const email = useSession((session) => session.user?.email ?? '');
  const logOut = useSession((session) => session.logOut);
  return (
    <Menu
      label={t('account.menu')}
      items={[
        { label: t('account.open'), icon: UserRound, onSelect: () => void navigate('/account') },
        { label: t('account.logOut'), icon: LogOut, onSelect: () => void logOut() },
      ]}
      trigger={(props) => (
        <button
          type="button"
          {...props}
          className="flex h-12 w-full items-center gap-3 rounded-lg border border-line bg-surface px-2.5 text-left transition-colors hover:bg-sunken"
        >
          <span
            aria-hidden
            className="flex size-7 shrink-0 items-center justify-center rounded-full bg-accent-soft font-semibold text-accent text-sm uppercase"
          >
            {email.slice(0, 1)}
          </span>
          <span className="sr-only">{t('account.menu')}: </span>
          <span title={email} className="min-w-0 flex-1 truncate text-sm">
            {email}
          </span>
          <ChevronsUpDown aria-hidden className="size-4 shrink-0 text-muted" />
        </button>
      )}
    />
  );
}
