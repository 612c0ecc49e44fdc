// A new account, and in at once.
import { zodResolver } from '@hookform/resolvers/zod';
import { useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/Button';
import { Field } from '@/components/ui/Field';
import { ProblemText } from '@/components/ui/ProblemText';
import { useProblemText } from '@/components/ui/problemText';
import { useFormat } from '@/components/ui/useFormat';
import { useSession } from '@/store/session';
import { EmailInput } from './EmailInput';
import { fieldOfProblem } from './fieldOfProblem';
import { PasswordInput } from './PasswordInput';
import { StrengthHint } from './StrengthHint';
import { type LoginWords, registerSchema } from './schemas';
import { useFailure } from './useFailure';
import { useInvalidText } from './useInvalidText';

interface Props {
  /** Whose e-mails alone can register; none where all can. */
  domains: readonly string[];
}

export function RegisterForm({ domains }: Props) {
  const { t } = useTranslation('auth');
  const format = useFormat();
  const say = useInvalidText();
  const sayProblem = useProblemText();
  const createAccount = useSession((session) => session.register);
  const { failure, attempt } = useFailure();
  const { register, handleSubmit, formState, setError, watch } = useForm<LoginWords>({
    resolver: zodResolver(registerSchema),
    defaultValues: { email: '', password: '' },
  });
  const refuse = (error: unknown) => {
    const field = fieldOfProblem(error);
    if (field) setError(field, { type: 'server', message: sayProblem(error) }, { shouldFocus: true });
  };
  const submit = handleSubmit(({ email, password }) => attempt(() => createAccount(email, password), refuse));
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-5">
      <Field
        label={t('email')}
        error={say(formState.errors.email)}
        hint={domains.length > 0 && t('register.domains', { domains: format.list(domains) })}
      >
        {(control) => <EmailInput {...control} {...register('email')} />}
      </Field>
      <Field
        label={t('password')}
        error={say(formState.errors.password)}
        hint={<StrengthHint password={watch('password')} />}
      >
        {(control) => <PasswordInput {...control} {...register('password')} autoComplete="new-password" />}
      </Field>
      {failure != null && fieldOfProblem(failure) === null && <ProblemText error={failure} />}
      <Button type="submit" variant="primary" isBusy={formState.isSubmitting} className="mt-1 w-full">
        {t('register.submit')}
      </Button>
    </form>
  );
}
