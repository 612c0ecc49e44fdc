// The frame of every page behind the login: the sidebar, or its drawer on phones, and the page.
import { Menu as MenuIcon } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Outlet, useLocation } from 'react-router';
import { IconButton } from '@/components/ui/IconButton';
import { LogoWithName } from '@/components/ui/Logo';
import { MobileSidebar } from './MobileSidebar';
import { PageBody } from './PageBody';
import { RouteProgress } from './RouteProgress';
import { Sidebar } from './Sidebar';
import { isInsideBot, sectionOf } from './section';
import { useFocusOnNavigation } from './useFocusOnNavigation';

export function AppLayout() {
  const content = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  useFocusOnNavigation(content);
  return (
    <div className="flex h-dvh flex-col lg:flex-row">
      <SkipLink />
      <RouteProgress />
      <aside aria-label="Bytchat" className="hidden w-64 shrink-0 border-line border-r lg:block">
        <Sidebar />
      </aside>
      <MobileHeader />
      <main
        ref={content}
        id="content"
        tabIndex={-1}
        className="flex min-h-0 min-w-0 flex-1 flex-col outline-none short:overflow-y-auto"
      >
        {isInsideBot(pathname) ? (
          <Outlet />
        ) : (
          <PageBody key={sectionOf(pathname)}>
            <Outlet />
          </PageBody>
        )}
      </main>
    </div>
  );
}

function SkipLink() {
  const { t } = useTranslation('common');
  return (
    <a
      href="#content"
      className="sr-only z-50 rounded-lg bg-accent px-4 py-2 font-medium text-on-accent focus:not-sr-only focus:fixed focus:top-3 focus:left-3"
    >
      {t('skipToContent')}
    </a>
  );
}

function MobileHeader() {
  const { t } = useTranslation('common');
  const [isOpen, setIsOpen] = useState(false);
  return (
    <header className="flex h-14 shrink-0 items-center gap-1 border-line border-b bg-surface px-2 lg:hidden">
      <IconButton
        icon={MenuIcon}
        label={t('openMenu')}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        onClick={() => setIsOpen(true)}
      />
      <Link to="/" className="flex rounded-lg px-1.5">
        <LogoWithName />
      </Link>
      {isOpen && <MobileSidebar onClose={() => setIsOpen(false)} />}
    </header>
  );
}
