// What a document's fields say of its training, in the steps that a reader sees.

/** `vectors`: its words are found already, their meaning follows. */
export type Stage = 'queued' | 'reading' | 'vectors' | 'ready' | 'failed';

interface Trained {
  status: 'queued' | 'processing' | 'ready' | 'failed';
  searchable: boolean;
}

export function stageOf({ status, searchable }: Trained): Stage {
  if (status === 'ready' || status === 'failed') return status;
  if (searchable) return 'vectors';
  return status === 'queued' ? 'queued' : 'reading';
}

const FAILURES = [
  'too_many_attempts',
  'provider_key_missing',
  'provider_key_invalid',
  'provider_key_unreadable',
  'quota_exceeded',
] as const;

/** Why it failed, among what there are words for. */
export function failureOf(error: string | null): (typeof FAILURES)[number] | 'unknown' {
  return FAILURES.find((failure) => failure === error) ?? 'unknown';
}

export function isUnfinished({ status }: Pick<Trained, 'status'>): boolean {
  return status === 'queued' || status === 'processing';
}

/** How long to wait before a broken stream is opened again. */
export function reconnectAfterMs(failures: number): number {
  return Math.min(15_000, 500 * 2 ** failures);
}
