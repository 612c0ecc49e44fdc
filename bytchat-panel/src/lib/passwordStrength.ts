// A hint while somebody chooses a password; the server decides.

export const PASSWORD_MIN = 8;
export const PASSWORD_MAX = 1024;

export type PasswordStrength = 'short' | 'weak' | 'good' | 'strong';

/** By length above all: three words are better than a sign between eight letters. */
export function passwordStrength(password: string): PasswordStrength {
  if (password.length < PASSWORD_MIN) return 'short';
  const different = new Set(password).size;
  if (different < 6) return 'weak';
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\d/, /[^\p{L}\d]/u].filter((kind) => kind.test(password)).length;
  const score = password.length + kinds * 2;
  if (score >= 20) return 'strong';
  return score >= 15 ? 'good' : 'weak';
}
