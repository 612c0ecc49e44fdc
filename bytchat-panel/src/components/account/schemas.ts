// What must be right before an account's form is sent; each failure is a key of `auth:invalid`.
import { z } from 'zod';
import { PASSWORD_MAX, PASSWORD_MIN } from '@/lib/passwordStrength';
import type es from '@/locales/es';

export type Invalid = keyof (typeof es)['auth']['invalid'];

const fail = (key: Invalid) => ({ error: key });

const email = z
  .string()
  .trim()
  .min(1, fail('required'))
  .pipe(z.email(fail('email')));
const newPassword = z
  .string()
  .min(1, fail('required'))
  .min(PASSWORD_MIN, fail('short'))
  .max(PASSWORD_MAX, fail('long'));
const knownPassword = z.string().min(1, fail('required'));

export const loginSchema = z.object({ email, password: knownPassword });
export const registerSchema = z.object({ email, password: newPassword });
export const passwordSchema = z.object({ password: knownPassword, newPassword });

export type LoginWords = z.infer<typeof loginSchema>;
export type PasswordWords = z.infer<typeof passwordSchema>;
