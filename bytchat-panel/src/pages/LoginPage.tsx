// The door for who has an account.
import { Info } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { AuthPage } from '@/components/account/AuthPage';
import { LoginForm } from '@/components/account/LoginForm';
import { OtherDoor } from '@/components/account/OtherDoor';

export default function LoginPage() {
  const { t } = useTranslation('auth');
  return (
    <AuthPage title={t('login.title')} text={t('login.text')}>
      <Reason />
      <LoginForm />
      <OtherDoor question={t('login.noAccount')} to="/register" label={t('login.toRegister')} />
    </AuthPage>
  );
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
