import { useFormat } from '@/components/ui/useFormat';
import type { Format } from '@/lib/format';
import type { QuotaName } from '@/lib/quotas';

/** An amount of a quota as people count it: «12», «1024 MB», «1,50 US$». */
export function useQuotaWords(): (quota: QuotaName, amount: number) => string {
  const format = useFormat();
  return (quota, amount) => {
    if (quota === 'stored_bytes') return megabytes(format, amount);
    return quota === 'server_keys_usd_per_day' ? format.dollars(amount) : format.number(amount);
  };
}

/** Of 1024 × 1024 bytes, as the operator sets the limit and the API tells of it; a little is not nothing. */
function megabytes(format: Format, bytes: number): string {
  const amount = bytes / 1024 ** 2;
  return `${format.number(amount < 10 ? Math.ceil(amount * 10) / 10 : Math.round(amount))} MB`;
}
