// What a key must look like before it is sent. Pure.
import * as z from '@/lib/zod';

// The messages are keys under `key.errors`.
export const keySchema = z.object({
  key: z
    .string()
    .check(z.trim(), z.minLength(8, 'short'), z.maxLength(512, 'long'), z.regex(/^[\x21-\x7e]+$/, 'characters')),
});

export type KeyForm = z.infer<typeof keySchema>;
