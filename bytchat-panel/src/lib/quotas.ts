// How full each limit of an account is, and in which unit people count it.
import type { Quota } from '@/api/types';
import type { Format } from './format';

/** In the order in which they are shown; what else the API may count has no words here. */
export const QUOTAS = ['bots', 'documents', 'stored_bytes', 'tokens_per_day', 'server_keys_usd_per_day'] as const;
export type QuotaName = (typeof QUOTAS)[number];

export type Fullness = 'roomy' | 'near' | 'full';

/** From this share of a limit on it is worth a warning. */
const NEAR = 0.8;

/** Those that have words, in their order. */
export function knownQuotas(quotas: readonly Quota[]): (Quota & { quota: QuotaName })[] {
  return QUOTAS.flatMap((name) => quotas.flatMap((one) => (one.quota === name ? [{ ...one, quota: name }] : [])));
}

export function fullness({ used, limit }: Pick<Quota, 'used' | 'limit'>): Fullness {
  if (limit === null) return 'roomy';
  if (used >= limit) return 'full';
  return used >= limit * NEAR ? 'near' : 'roomy';
}

/** The first of these that has no room left. */
export function fullQuota(quotas: readonly Quota[] | undefined, among: readonly QuotaName[]) {
  return knownQuotas(quotas ?? []).find((one) => among.includes(one.quota) && fullness(one) === 'full');
}

/** An amount of a quota as people count it, never rounded up: what is not full must not read as if it were. */
export function quotaWords(format: Format, quota: QuotaName, amount: number): string {
  if (quota === 'stored_bytes') return `${format.number(megabytes(amount))} MB`;
  return quota === 'server_keys_usd_per_day' ? format.dollars(wholeCents(amount)) : format.number(amount);
}

/** Of 1024 × 1024 bytes, as the operator sets the limit and the API tells of it; a little is not nothing. */
function megabytes(bytes: number): number {
  return Math.max(bytes > 0 ? 1 : 0, Math.floor((bytes * 10) / 1024 ** 2)) / 10;
}

/** Of less than ten cents the two digits that are shown of it. */
function wholeCents(usd: number): number {
  const millionths = Math.round(usd * 1e6);
  const step = 10 ** Math.min(4, Math.max(0, Math.floor(Math.log10(Math.max(1, millionths))) - 1));
  return (Math.floor(millionths / step) * step) / 1e6;
}
