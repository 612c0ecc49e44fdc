// A new password; every other session of the account ends.
import { zodResolver } from '@hookform/resolvers/zod';
import { useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { Problem } from '@/api/problem';
import { Button } from '@/components/ui/Button';
import { Field } from '@/components/ui/Field';
import { ProblemText } from '@/components/ui/ProblemText';
import { useProblemText } from '@/components/ui/problemText';
import { useChangePassword } from '@/queries/account';
import { useSession } from '@/store/session';
import { useToasts } from '@/store/toasts';
import { fieldOfProblem } from './fieldOfProblem';
import { PasswordInput } from './PasswordInput';
import { Section } from './Section';
import { StrengthHint } from './StrengthHint';
import { type PasswordWords, passwordSchema } from './schemas';
import { useInvalidText } from './useInvalidText';

export function PasswordSection() {
  const { t } = useTranslation(['account', 'auth']);
  const say = useInvalidText();
  const form = useForm<PasswordWords>({
    resolver: zodResolver(passwordSchema),
    defaultValues: { password: '', newPassword: '' },
  });
  const { change, submit } = usePasswordChange(form);
  const { register, formState, watch } = form;
  return (
    <Section title={t('password.title')} text={t('password.text')}>
      <form onSubmit={submit} noValidate className="flex max-w-sm flex-col gap-5">
        <AccountName />
        <Field label={t('password.current')} error={say(formState.errors.password)}>
          {(control) => <PasswordInput {...control} {...register('password')} autoComplete="current-password" />}
        </Field>
        <Field
          label={t('password.new')}
          error={say(formState.errors.newPassword)}
          hint={<StrengthHint password={watch('newPassword')} />}
        >
          {(control) => <PasswordInput {...control} {...register('newPassword')} autoComplete="new-password" />}
        </Field>
        {change.error && fieldOf(change.error) === null && <ProblemText error={change.error} />}
        <Button type="submit" isBusy={change.isPending} className="self-start">
          {t('password.submit')}
        </Button>
      </form>
    </Section>
  );
}

type PasswordForm = ReturnType<typeof useForm<PasswordWords>>;

function usePasswordChange({ handleSubmit, reset, setError }: PasswordForm) {
  const { t } = useTranslation('account');
  const sayProblem = useProblemText();
  const change = useChangePassword();
  const submit = handleSubmit(({ password, newPassword }) =>
    change.mutate(
      { password, new_password: newPassword },
      {
        onSuccess: () => {
          reset();
          useToasts.getState().show('ok', t('password.done'));
        },
        onError: (error) => {
          const field = fieldOf(error);
          const message = field === 'password' ? t('password.wrong') : sayProblem(error);
          if (field) setError(field, { type: 'server', message }, { shouldFocus: true });
        },
      },
    ),
  );
  return { change, submit };
}

function fieldOf(error: unknown): keyof PasswordWords | null {
  if (error instanceof Problem && error.code === 'wrong_credentials') return 'password';
  return fieldOfProblem(error) === 'password' ? 'newPassword' : null;
}

/** Never seen: it tells password managers whose password changes. */
function AccountName() {
  const email = useSession((session) => session.user?.email ?? '');
  return <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />;
}
