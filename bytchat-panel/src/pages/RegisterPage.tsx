// The door for who has no account yet, where the operator lets people in by it.
import { useTranslation } from 'react-i18next';
import { AuthPage } from '@/components/account/AuthPage';
import { OtherDoor } from '@/components/account/OtherDoor';
import { RegisterForm } from '@/components/account/RegisterForm';
import { QueryState } from '@/components/ui/QueryState';
import { Skeleton } from '@/components/ui/Skeleton';
import { useRegistration } from '@/queries/registration';

export default function RegisterPage() {
  const { t } = useTranslation('auth');
  const registration = useRegistration();
  const door = registration.data?.mode === 'closed' ? 'closed' : 'register';
  return (
    <AuthPage title={t(`${door}.title`)} text={t(`${door}.text`)}>
      {door === 'register' && (
        <QueryState query={registration} loading={<Skeleton className="h-56" />}>
          {({ domains }) => <RegisterForm domains={domains} />}
        </QueryState>
      )}
      <OtherDoor question={t('register.hasAccount')} to="/login" label={t('register.toLogin')} />
    </AuthPage>
  );
}
