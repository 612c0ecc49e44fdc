// What the account uses, and how much of it there may be.
import { useTranslation } from 'react-i18next';
import { Badge } from '@/components/ui/Badge';
import { Meter, type MeterTone } from '@/components/ui/Meter';
import { QueryState } from '@/components/ui/QueryState';
import { Skeleton } from '@/components/ui/Skeleton';
import { useFormat } from '@/components/ui/useFormat';
import { type Fullness, fullness, knownQuotas } from '@/lib/quotas';
import { useQuotas } from '@/queries/account';
import { Section } from './Section';
import { useQuotaWords } from './useQuotaWords';

export function QuotaSection() {
  const { t } = useTranslation('account');
  const quotas = useQuotas();
  return (
    <Section title={t('quotas.title')} text={t('quotas.text')}>
      <QueryState
        query={quotas}
        loading={<QuotaSkeleton />}
        isEmpty={(all) => knownQuotas(all).length === 0}
        empty={<p className="text-muted text-sm">{t('quotas.none')}</p>}
      >
        {(all) => (
          <ul aria-label={t('quotas.title')} className="flex flex-col gap-5">
            {knownQuotas(all).map((quota) => (
              <QuotaRow key={quota.quota} quota={quota} />
            ))}
          </ul>
        )}
      </QueryState>
    </Section>
  );
}

const TONES: Record<Fullness, MeterTone> = { roomy: 'accent', near: 'warn', full: 'danger' };

function QuotaRow({ quota }: { quota: ReturnType<typeof knownQuotas>[number] }) {
  const { t } = useTranslation('account');
  const amount = useQuotaWords();
  const name = t(`quotas.${quota.quota}.name`);
  const used = amount(quota.quota, quota.used);
  const how = fullness(quota);
  const text = quota.limit === null ? used : t('quotas.of', { used, limit: amount(quota.quota, quota.limit) });
  return (
    <li className="text-sm">
      <p className="mb-2 flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <span className="font-medium">{name}</span>
        <span className="tabular-nums">
          {text}
          {quota.limit === null && <span className="text-muted"> · {t('quotas.unlimited')}</span>}
        </span>
      </p>
      {quota.limit !== null && <Meter value={quota.used} max={quota.limit} tone={TONES[how]} />}
      <QuotaNews quota={quota} how={how} />
    </li>
  );
}

function QuotaNews({ quota, how }: { quota: ReturnType<typeof knownQuotas>[number]; how: Fullness }) {
  const { t } = useTranslation('account');
  const format = useFormat();
  if (quota.limit === null) return null;
  const renewal = quota.resets_at && t('quotas.resets', { when: format.relative(quota.resets_at) });
  const advice = !renewal && how !== 'roomy' && t('quotas.makeRoom');
  if (!renewal && !advice) return null;
  return (
    <p className="mt-2 flex flex-wrap items-center gap-x-2 gap-y-1 text-muted">
      {how !== 'roomy' && <Badge tone={how === 'full' ? 'danger' : 'warn'}>{t(`quotas.${how}`)}</Badge>}
      <span>{renewal || advice}</span>
    </p>
  );
}

function QuotaSkeleton() {
  return (
    <div className="flex flex-col gap-5">
      {['a', 'b', 'c', 'd', 'e'].map((row) => (
        <Skeleton key={row} className="h-9" />
      ))}
    </div>
  );
}
