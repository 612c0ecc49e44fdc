// How full each limit of an account is, and in which unit people count it.
import type { Quota } from '@/api/types';

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
