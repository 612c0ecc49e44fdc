// The charts of a period, in a file of their own with recharts.
import { useTranslation } from 'react-i18next';
import type { Usage } from '@/api/types';
import { everyDay } from '@/lib/usage';
import { CostChart } from './CostChart';
import { ModelShares } from './ModelShares';
import { SavingsBars } from './SavingsBars';
import { TokensChart } from './TokensChart';

export default function UsageCharts({ usage }: { usage: Usage }) {
  const { i18n } = useTranslation();
  const days = everyDay(usage);
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      <TokensChart days={days} total={usage.total} language={i18n.language} />
      <CostChart days={days} total={usage.total} language={i18n.language} />
      <ModelShares models={usage.models} />
      <SavingsBars total={usage.total} />
    </div>
  );
}
