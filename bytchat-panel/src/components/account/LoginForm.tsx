// E-mail and password in, session out.
import { zodResolver } from '@hookform/resolvers/zod';
import { useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/Button';
import { Field } from '@/components/ui/Field';
import { ProblemText } from '@/components/ui/ProblemText';
import { useSession } from '@/store/session';
import { EmailInput } from './EmailInput';
import { PasswordInput } from './PasswordInput';
import { type LoginWords, loginSchema } from './schemas';
import { useFailure } from './useFailure';
import { useInvalidText } from './useInvalidText';

export function LoginForm() {
  const { t } = useTranslation('auth');
  const say = useInvalidText();
  const logIn = useSession((session) => session.logIn);
  const { failure, attempt } = useFailure();
  const { register, handleSubmit, formState, setFocus } = useForm<LoginWords>({
    resolver: zodResolver(loginSchema),
    defaultValues: { email: '', password: '' },
  });
  const submit = handleSubmit(({ email, password }) =>
    attempt(
      () => logIn(email, password),
      () => setFocus('password', { shouldSelect: true }),
    ),
  );
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-5">
      <Field label={t('email')} error={say(formState.errors.email)}>
        {(control) => <EmailInput {...control} {...register('email')} />}
      </Field>
      <Field label={t('password')} error={say(formState.errors.password)}>
        {(control) => <PasswordInput {...control} {...register('password')} autoComplete="current-password" />}
      </Field>
      {failure != null && <ProblemText error={failure} />}
      <Button type="submit" variant="primary" isBusy={formState.isSubmitting} className="mt-1 w-full">
        {t('login.submit')}
      </Button>
    </form>
  );
}
