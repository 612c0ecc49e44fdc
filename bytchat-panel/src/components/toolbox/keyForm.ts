// What a key must look like before it is sent. Pure.
import { z } from 'zod';

// The messages are keys under `key.errors`.
export const keySchema = z.object({
  key: z
    .string()
    .trim()
    .min(8, 'short')
    .max(512, 'long')
    .regex(/^[\x21-\x7e]+$/, 'characters'),
});

export type KeyForm = z.infer<typeof keySchema>;
