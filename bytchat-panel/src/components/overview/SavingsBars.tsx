// What was paid against what the dearest model would have cost for the same answers.
import { useTranslation } from 'react-i18next';
import type { UsageFigures } from '@/api/types';
import { useFormat } from '@/components/ui/useFormat';
import { classes } from '@/lib/classes';
import { savingsOf } from '@/lib/usage';
import { ChartCard } from './ChartCard';

export function SavingsBars({ total }: { total: UsageFigures }) {
  const { t } = useTranslation('overview');
  const format = useFormat();
  const { cost, dearest, saved, ratio } = savingsOf(total);
  const summary = saved ? t('usage.savingsSummary', { ratio: format.percent(ratio) }) : t('usage.savingsNone');
  return (
    <ChartCard title={t('usage.savingsTitle')} summary={summary}>
      <p className="flex items-baseline gap-2">
        <span className="font-semibold text-3xl tabular-nums tracking-tight">{format.money(saved)}</span>
        <span className="text-muted text-sm">{t('usage.savedAmount')}</span>
      </p>
      <dl className="mt-6 flex flex-col gap-5">
        <SumBar label={t('usage.savingsPaid')} value={cost} max={dearest} isStrong />
        <SumBar label={t('usage.savingsDearest')} value={dearest} max={dearest} />
      </dl>
    </ChartCard>
  );
}

interface SumBarProps {
  label: string;
  value: number;
  max: number;
  isStrong?: boolean;
}

function SumBar({ label, value, max, isStrong = false }: SumBarProps) {
  const format = useFormat();
  return (
    <div className="flex flex-wrap items-baseline justify-between gap-x-4 text-sm">
      <dt>{label}</dt>
      <dd className="tabular-nums">{format.money(value)}</dd>
      <dd aria-hidden="true" className="mt-1.5 h-3 w-full overflow-hidden rounded-full bg-sunken">
        <span
          className={classes('block h-full rounded-full', isStrong ? 'bg-accent' : 'bg-line-strong')}
          style={{ width: `${max ? (value / max) * 100 : 0}%` }}
        />
      </dd>
    </div>
  );
}
