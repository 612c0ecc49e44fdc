import { useFormat } from '@/components/ui/useFormat';
import { type QuotaName, quotaWords } from '@/lib/quotas';

/** An amount of a quota as people count it: «12», «1024 MB», «1,50 US$». */
export function useQuotaWords(): (quota: QuotaName, amount: number) => string {
  const format = useFormat();
  return (quota, amount) => quotaWords(format, quota, amount);
}
