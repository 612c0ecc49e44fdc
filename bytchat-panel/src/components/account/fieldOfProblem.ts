// Which field a refusal of the server is about.
import { Problem } from '@/api/problem';

const FIELDS: Record<string, 'email' | 'password'> = {
  email_taken: 'email',
  registration_domain: 'email',
  password_too_common: 'password',
  password_length: 'password',
};

/** Null where it is about none, or nobody knows. */
export function fieldOfProblem(error: unknown): 'email' | 'password' | null {
  if (!(error instanceof Problem)) return null;
  if (error.code === 'validation') return fieldOfValidation(error);
  return FIELDS[error.code] ?? null;
}

function fieldOfValidation({ body }: Problem): 'email' | 'password' | null {
  const names = (body.errors ?? []).map(({ location }) => location.at(-1));
  if (names.includes('email')) return 'email';
  return names.includes('password') || names.includes('new_password') ? 'password' : null;
}
