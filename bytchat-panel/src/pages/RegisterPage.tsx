// The door for who has no account yet.
import { useTranslation } from 'react-i18next';
import { AuthPage } from '@/components/account/AuthPage';
import { OtherDoor } from '@/components/account/OtherDoor';
import { RegisterForm } from '@/components/account/RegisterForm';

export default function RegisterPage() {
  const { t } = useTranslation('auth');
  return (
    <AuthPage title={t('register.title')} text={t('register.text')}>
      <RegisterForm />
      <OtherDoor question={t('register.hasAccount')} to="/login" label={t('register.toLogin')} />
    </AuthPage>
  );
}
