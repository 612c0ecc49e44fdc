// What can be said of a file before it is sent.

/** What the server takes at most unless its operator changed it: `UPLOAD_LIMIT_MB` there, `VITE_UPLOAD_LIMIT_MB` here. */
export const UPLOAD_LIMIT_MB = Number(import.meta.env.VITE_UPLOAD_LIMIT_MB || 25);

/** The API's words for it, so that both refusals read alike. */
export type Refusal = 'file_name_not_txt' | 'file_empty' | 'too_large';

/** Why the server would not take this file; null where it may. */
export function refusalOf({ name, size }: Pick<File, 'name' | 'size'>): Refusal | null {
  if (!/\.txt$/i.test(name)) return 'file_name_not_txt';
  if (size === 0) return 'file_empty';
  return size > UPLOAD_LIMIT_MB * 1024 * 1024 ? 'too_large' : null;
}
