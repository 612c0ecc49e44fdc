// What the answers cost, day by day.
import { useTranslation } from 'react-i18next';
import type { UsageFigures } from '@/api/types';
import { useFormat } from '@/components/ui/useFormat';
import { dayLabel, dearestDay, type UsageDay } from '@/lib/usage';
import { ChartCard, HiddenTable } from './ChartCard';
import { DayBars, type Series } from './DayBars';

interface CostChartProps {
  days: UsageDay[];
  total: UsageFigures;
  language: string;
}

export function CostChart({ days, total, language }: CostChartProps) {
  const { t } = useTranslation('overview');
  const format = useFormat();
  const series: Series[] = [{ key: 'cost_micro_usd', label: t('usage.cost'), color: 'var(--accent)' }];
  return (
    <ChartCard title={t('usage.costTitle')} summary={useCostSummary(days, total, language)}>
      <DayBars
        title={t('usage.costTitle')}
        days={days}
        series={series}
        language={language}
        axis={format.money}
        exact={format.money}
      />
      <HiddenTable
        caption={t('usage.costTitle')}
        head={[t('usage.day'), t('usage.cost')]}
        rows={days.map((day) => [dayLabel(language, day.day), format.money(day.cost_micro_usd)])}
      />
    </ChartCard>
  );
}

function useCostSummary(days: UsageDay[], total: UsageFigures, language: string): string {
  const { t } = useTranslation('overview');
  const format = useFormat();
  const peak = dearestDay(days);
  const unpriced = total.answers_cost_unknown;
  const said = peak
    ? [
        t('usage.costSummary', { cost: format.money(total.cost_micro_usd) }),
        t('usage.costPeak', { day: dayLabel(language, peak.day), cost: format.money(peak.cost_micro_usd) }),
      ]
    : unpriced
      ? []
      : [t('usage.costNone')];
  return [...said, ...(unpriced ? [t('usage.costUnpriced', { count: unpriced })] : [])].join(' ');
}
