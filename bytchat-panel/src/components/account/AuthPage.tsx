// The frame of the two pages before the login. Who is logged in goes on to where they wanted to go.
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Navigate, useSearchParams } from 'react-router';
import { PageSkeleton } from '@/components/layout/PageSkeleton';
import { LanguageSwitch, ThemeSwitch } from '@/components/layout/Preferences';
import { RouteProgress } from '@/components/layout/RouteProgress';
import { LogoWithName } from '@/components/ui/Logo';
import { useTitle } from '@/components/ui/useTitle';
import { safeNext } from '@/lib/loginPath';
import { useSession } from '@/store/session';
import { ProductStatement } from './ProductStatement';

interface Props {
  title: string;
  text: string;
  children: ReactNode;
}

export function AuthPage({ title, text, children }: Props) {
  const { t } = useTranslation('auth');
  const [search] = useSearchParams();
  const status = useSession((session) => session.status);
  useTitle(title);
  if (status === 'in') return <Navigate to={safeNext(search.get('next'))} replace />;
  if (status === 'checking') return <PageSkeleton />;
  return (
    <div className="grid min-h-dvh lg:grid-cols-2">
      <RouteProgress />
      <div className="flex min-h-dvh flex-col bg-surface px-5 py-5 sm:px-10 sm:py-8">
        <header className="flex flex-wrap items-center justify-between gap-3">
          <LogoWithName />
          <div className="flex gap-2">
            <LanguageSwitch />
            <ThemeSwitch />
          </div>
        </header>
        <main className="mx-auto flex w-full max-w-sm flex-1 flex-col justify-center py-10">
          <h1 className="font-semibold text-[28px] leading-tight tracking-tight">{title}</h1>
          <p className="mt-2 text-pretty text-[15px] text-muted leading-6">{text}</p>
          <div className="mt-8">{children}</div>
        </main>
        <footer className="text-center text-muted text-sm">{t('footer')}</footer>
      </div>
      <ProductStatement />
    </div>
  );
}
