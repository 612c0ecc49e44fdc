// The figures that say at a glance how it goes.
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { UsageFigures } from '@/api/types';
import { useFormat } from '@/components/ui/useFormat';
import { classes } from '@/lib/classes';
import { savingsOf } from '@/lib/usage';

/** Sums of cents need more digits than there is room for in large ones. */
const LONG = 10;

interface KpisProps {
  /** null while it is not known. */
  bots: number | null;
  training: { count: number; hasMore: boolean } | null;
  total: UsageFigures | null;
  /** The figures are those of another period, until this one's are there. */
  isOld: boolean;
}

export function Kpis({ bots, training, total, isOld }: KpisProps) {
  const { t } = useTranslation('overview');
  const format = useFormat();
  const unpriced = total?.answers_cost_unknown ?? 0;
  const inTraining = training && `${format.number(training.count)}${training.hasMore ? '+' : ''}`;
  return (
    <dl aria-busy={isOld} className="grid grid-cols-2 gap-3 sm:grid-cols-6 sm:gap-4 xl:grid-cols-5">
      <Kpi className="sm:col-span-3 xl:col-span-1" label={t('kpi.bots')} value={format.number(bots)} />
      <Kpi
        className="sm:col-span-3 xl:col-span-1"
        label={t('kpi.training')}
        value={inTraining ?? format.number(null)}
        hint={training && training.count > 0 && t('kpi.trainingHint', { count: training.count })}
      />
      <Kpi className="sm:col-span-2 xl:col-span-1" label={t('kpi.answers')} value={format.number(total?.answers)} />
      <Kpi
        className="sm:col-span-2 xl:col-span-1"
        label={t('kpi.cost')}
        value={format.money(total?.cost_micro_usd)}
        hint={unpriced > 0 && t('kpi.unpriced', { count: unpriced })}
      />
      <Kpi
        className="col-span-2 sm:col-span-2 xl:col-span-1"
        label={t('kpi.saved')}
        value={format.money(total && savingsOf(total).saved)}
        hint={t('kpi.savedHint')}
      />
    </dl>
  );
}

interface KpiProps {
  label: string;
  value: string;
  hint?: ReactNode;
  className: string;
}

function Kpi({ label, value, hint, className }: KpiProps) {
  return (
    <div className={`min-w-0 rounded-xl border border-line bg-surface px-4 py-4 sm:px-5 ${className}`}>
      <dt className="text-muted text-sm">{label}</dt>
      <dd className="mt-1.5">
        <span
          className={classes(
            'block font-semibold tabular-nums tracking-tight [overflow-wrap:anywhere]',
            value.length > LONG ? 'text-lg leading-8' : 'text-2xl',
          )}
        >
          {value}
        </span>
        {hint && <span className="mt-1 block text-muted text-xs leading-4">{hint}</span>}
      </dd>
    </div>
  );
}
