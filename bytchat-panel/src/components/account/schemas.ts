// What must be right before an account's form is sent; each failure is a key of `auth:invalid`.

import { PASSWORD_MAX, PASSWORD_MIN } from '@/lib/passwordStrength';
import * as z from '@/lib/zod';
import type es from '@/locales/es';

export type Invalid = keyof (typeof es)['auth']['invalid'];

const fail = (key: Invalid) => ({ error: key });

const email = z.pipe(z.string().check(z.trim(), z.minLength(1, fail('required'))), z.email(fail('email')));
const newPassword = z
  .string()
  .check(
    z.minLength(1, fail('required')),
    z.minLength(PASSWORD_MIN, fail('short')),
    z.maxLength(PASSWORD_MAX, fail('long')),
  );
const knownPassword = z.string().check(z.minLength(1, fail('required')));

export const loginSchema = z.object({ email, password: knownPassword });
export const registerSchema = z.object({ email, password: newPassword });
export const passwordSchema = z.object({ password: knownPassword, newPassword });

export type LoginWords = z.infer<typeof loginSchema>;
export type PasswordWords = z.infer<typeof passwordSchema>;
