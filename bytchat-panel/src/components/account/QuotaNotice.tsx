// Says where something new would be made that there is no room for it, and what makes room.
import { CircleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { classes } from '@/lib/classes';
import { fullQuota } from '@/lib/quotas';
import { useQuotas } from '@/queries/account';
import { useQuotaWords } from './useQuotaWords';

interface Props {
  /** Those that what is made here counts for. */
  of: readonly ('bots' | 'documents' | 'stored_bytes')[];
  className?: string;
}

export function QuotaNotice({ of, className }: Props) {
  const { t } = useTranslation('account');
  const amount = useQuotaWords();
  const full = fullQuota(useQuotas().data, of);
  const name = of.find((one) => one === full?.quota);
  if (!full || !name) return null;
  const limit = amount(full.quota, full.limit ?? 0);
  return (
    <p
      role="status"
      className={classes(
        'flex items-start gap-2.5 rounded-xl bg-warn-soft px-4 py-3 text-sm text-warn leading-5',
        className,
      )}
    >
      <CircleAlert aria-hidden className="mt-px size-[18px] shrink-0" />
      <span>
        {t(`quotas.${name}.noRoom`, { limit, count: full.limit ?? 0 })}{' '}
        <Link to="/account" className="whitespace-nowrap font-medium underline underline-offset-2">
          {t('quotas.see')}
        </Link>
      </span>
    </p>
  );
}
