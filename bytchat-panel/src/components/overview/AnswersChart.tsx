// How many answers were given, day by day: what there is to draw where no model counts tokens.
import { useTranslation } from 'react-i18next';
import type { UsageFigures } from '@/api/types';
import { useFormat } from '@/components/ui/useFormat';
import { dayLabel, type UsageDay } from '@/lib/usage';
import { ChartCard, HiddenTable } from './ChartCard';
import { DayBars, type Series } from './DayBars';

interface AnswersChartProps {
  days: UsageDay[];
  total: UsageFigures;
  language: string;
}

export function AnswersChart({ days, total, language }: AnswersChartProps) {
  const { t } = useTranslation('overview');
  const format = useFormat();
  const series: Series[] = [{ key: 'answers', label: t('usage.answers'), color: 'var(--accent)' }];
  const summary = t('usage.answersSummary', { count: total.answers, formatted: format.number(total.answers) });
  return (
    <ChartCard title={t('usage.answersTitle')} summary={summary}>
      <DayBars
        title={t('usage.answersTitle')}
        days={days}
        series={series}
        language={language}
        axis={format.number}
        exact={format.number}
      />
      <HiddenTable
        caption={t('usage.answersTitle')}
        head={[t('usage.day'), t('usage.answers')]}
        rows={days.map((day) => [dayLabel(language, day.day), format.number(day.answers)])}
      />
    </ChartCard>
  );
}
