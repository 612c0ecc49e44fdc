// An error as a sentence for the person in front of the panel, in their language.
//
// These codes have no sentence of ours: theirs needs what only the server knows, and its `detail` says it.
// file_not_text, provider_key_invalid, provider_unavailable, quota_exceeded, quota_full, registration_domain, too_large
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { Problem } from '@/api/problem';
import { type Format, formatIn } from '@/lib/format';
import type es from '@/locales/es';

type Sentence = keyof (typeof es)['errors'];
type FieldName = keyof (typeof es)['common']['fields'];

/** Says a `Problem`, a bare code, or anything with a `code` and perhaps a `detail`. */
export type SayProblem = (error: unknown) => string;

export function useProblemText(): SayProblem {
  const { t, i18n } = useTranslation(['errors', 'common']);
  return (error) =>
    sentence(told(error), t, formatIn(i18n.language), (code) => i18n.exists(code, { ns: 'errors' }));
}

interface Told {
  code: string;
  detail: string | undefined;
  members: Record<string, unknown>;
  waitS: number | null;
}

function told(error: unknown): Told {
  if (error instanceof Problem) {
    const { code, body, retryAfterS } = error;
    return { code, detail: body.detail, members: { ...body }, waitS: retryAfterS };
  }
  if (typeof error === 'string') return { code: error, detail: undefined, members: {}, waitS: null };
  const said = (typeof error === 'object' && error !== null ? error : {}) as { code?: unknown; detail?: unknown };
  const code = typeof said.code === 'string' ? said.code : 'internal_error';
  const detail = typeof said.detail === 'string' ? said.detail : undefined;
  return { code, detail, members: {}, waitS: null };
}

type T = TFunction<['errors', 'common']>;

/** Their sentences say when to come again. */
const WAITS = ['too_many_requests', 'export_under_way', 'exports_busy'];

function sentence(
  { code, detail, members, waitS }: Told,
  t: T,
  format: Format,
  isKnown: (code: string) => boolean,
) {
  if (code === 'validation') {
    const fields = invalidFields(members, t);
    if (fields.length > 0) return t('errors:validation_fields', { fields: format.list(fields) });
  }
  const needsWait = WAITS.includes(code);
  if (isKnown(code) && !(needsWait && waitS === null)) {
    return t(`errors:${code as Sentence}`, { ...members, wait: format.duration((waitS ?? 0) * 1000) });
  }
  return detail || t('errors:internal_error');
}

/** The names, in people's words, of the fields that the server refused. */
function invalidFields(members: Record<string, unknown>, t: T): string[] {
  const errors = Array.isArray(members.errors) ? members.errors : [];
  const names = errors.flatMap(({ location }: { location?: unknown }) =>
    Array.isArray(location) ? [String(location.at(-1))] : [],
  );
  const words = names.map((name) => t(`common:fields.${name as FieldName}`, { defaultValue: '' })).filter(Boolean);
  return words.length === names.length ? [...new Set(words)] : [];
}
