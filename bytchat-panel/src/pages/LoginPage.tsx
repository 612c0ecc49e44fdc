// The door for who has an account.
import { Info } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { AuthPage } from '@/components/account/AuthPage';
import { LoginForm } from '@/components/account/LoginForm';
import { OtherDoor } from '@/components/account/OtherDoor';
import { useRegistration } from '@/queries/registration';

export default function LoginPage() {
  const { t } = useTranslation('auth');
  return (
    <AuthPage title={t('login.title')} text={t('login.text')}>
      <Reason />
      <LoginForm />
      <WayIn />
    </AuthPage>
  );
}

/** For who has no account: the registration, or whom to ask where it is closed. */
function WayIn() {
  const { t } = useTranslation('auth');
  const { data: registration } = useRegistration();
  if (registration?.mode === 'closed') {
    return <p className="mt-8 text-[15px] text-muted">{t('login.askOperator')}</p>;
  }
  return <OtherDoor question={t('login.noAccount')} to="/register" label={t('login.toRegister')} />;
}

/** Why one is here, where one did not come by oneself. */
function Reason() {
  const { t } = useTranslation('auth');
  const [search] = useSearchParams();
  const reason = search.get('reason');
  if (reason !== 'expired' && reason !== 'deleted') return null;
  return (
    <p
      role="status"
      className="mb-6 flex items-start gap-2 rounded-lg bg-accent-soft px-3 py-2.5 text-sm leading-5"
    >
      <Info aria-hidden className="mt-0.5 size-4 shrink-0 text-accent" />
      {t(`reason.${reason}`)}
    </p>
  );
}
