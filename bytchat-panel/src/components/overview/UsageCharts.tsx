// The charts of a period, in a file of their own with recharts.
import { useTranslation } from 'react-i18next';
import type { Usage } from '@/api/types';
import { everyDay } from '@/lib/usage';
import { AnswersChart } from './AnswersChart';
import { CostChart } from './CostChart';
import { ModelShares } from './ModelShares';
import { SavingsBars } from './SavingsBars';
import { TokensChart } from './TokensChart';

export default function UsageCharts({ usage }: { usage: Usage }) {
  const { i18n } = useTranslation();
  const days = everyDay(usage);
  const countsTokens = usage.total.input_tokens + usage.total.output_tokens > 0;
  const FirstChart = countsTokens ? TokensChart : AnswersChart;
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      <FirstChart days={days} total={usage.total} language={i18n.language} />
      <CostChart days={days} total={usage.total} language={i18n.language} />
      <ModelShares models={usage.models} />
      <SavingsBars total={usage.total} />
    </div>
  );
}
