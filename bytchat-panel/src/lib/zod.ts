// zod without its compiler, which the content security policy refuses, and in its small form.
import { config } from 'zod/mini';

config({ jitless: true });

export * from 'zod/mini';
