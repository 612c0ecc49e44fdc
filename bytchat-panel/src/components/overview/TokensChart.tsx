// How much was read and written, day by day.
import { useTranslation } from 'react-i18next';
import type { UsageFigures } from '@/api/types';
import { useFormat } from '@/components/ui/useFormat';
import { dayLabel, type UsageDay } from '@/lib/usage';
import { ChartCard, HiddenTable } from './ChartCard';
import { DayBars, Legend, type Series } from './DayBars';

interface DayChartProps {
  days: UsageDay[];
  total: UsageFigures;
  language: string;
}

export function TokensChart({ days, total, language }: DayChartProps) {
  const { t } = useTranslation('overview');
  const format = useFormat();
  const short = new Intl.NumberFormat(language, { notation: 'compact' });
  const series: Series[] = [
    { key: 'input_tokens', label: t('usage.input'), color: 'var(--line-strong)' },
    { key: 'output_tokens', label: t('usage.output'), color: 'var(--accent)' },
  ];
  const sums = { input: format.number(total.input_tokens), output: format.number(total.output_tokens) };
  const estimated = total.answers_estimated;
  const summary = [
    t('usage.tokensSummary', sums),
    ...(estimated ? [t('usage.estimated', { count: estimated })] : []),
  ];
  return (
    <ChartCard title={t('usage.tokensTitle')} summary={summary.join(' ')}>
      <DayBars
        title={t('usage.tokensTitle')}
        days={days}
        series={series}
        language={language}
        axis={(value) => short.format(value)}
        exact={format.number}
      />
      <Legend series={series} />
      <HiddenTable
        caption={t('usage.tokensTitle')}
        head={[t('usage.day'), t('usage.input'), t('usage.output')]}
        rows={days.map((day) => [
          dayLabel(language, day.day),
          format.number(day.input_tokens),
          format.number(day.output_tokens),
        ])}
      />
    </ChartCard>
  );
}
