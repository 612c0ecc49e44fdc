// What one sees on coming in: how the bots do, or how to begin.
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Bot } from '@/api/types';
import { CreateBot } from '@/components/bots/CreateBot';
import { Kpis } from '@/components/overview/Kpis';
import { TrainingList } from '@/components/overview/TrainingList';
import { UsagePanel } from '@/components/overview/UsagePanel';
import { Welcome } from '@/components/overview/Welcome';
import { Button } from '@/components/ui/Button';
import { PageHeader } from '@/components/ui/PageHeader';
import { QueryState } from '@/components/ui/QueryState';
import { Segmented } from '@/components/ui/Segmented';
import { Skeleton } from '@/components/ui/Skeleton';
import { useTitle } from '@/components/ui/useTitle';
import { greetingAt, PERIODS, type PeriodDays } from '@/lib/usage';
import { useBots } from '@/queries/bots';
import { useUnfinished } from '@/queries/unfinished';
import { useUsage } from '@/queries/usage';

export default function OverviewPage() {
  const { t } = useTranslation('overview');
  const [isCreating, setIsCreating] = useState(false);
  const bots = useBots();
  const create = () => setIsCreating(true);
  useTitle(t('title'));
  return (
    <>
      <QueryState
        query={bots}
        loading={<OverviewSkeleton />}
        isEmpty={(list) => list.length === 0}
        empty={<Welcome onCreate={create} />}
      >
        {(list) => <Overview bots={list} onCreate={create} />}
      </QueryState>
      <CreateBot isOpen={isCreating} onClose={() => setIsCreating(false)} />
    </>
  );
}

function Overview({ bots, onCreate }: { bots: Bot[]; onCreate: () => void }) {
  const { t } = useTranslation('overview');
  const [days, setDays] = useState<PeriodDays>(30);
  const usage = useUsage(days);
  const unfinished = useUnfinished().data;
  const training = unfinished && { count: unfinished.training.length, hasMore: unfinished.hasMore };
  return (
    <>
      <PageHeader
        title={t(greetingAt(new Date().getHours()))}
        description={t('description')}
        actions={
          <>
            <PeriodSwitch value={days} onChange={setDays} />
            <Button variant="primary" icon={Plus} onClick={onCreate}>
              {t('newBot')}
            </Button>
          </>
        }
      />
      <div className="flex flex-col gap-8">
        <Kpis
          bots={bots.length}
          training={training ?? null}
          total={usage.data?.total ?? null}
          isOld={usage.isPlaceholderData}
        />
        <TrainingList />
        <UsagePanel usage={usage} bot={bots[0]} />
      </div>
    </>
  );
}

function PeriodSwitch({ value, onChange }: { value: PeriodDays; onChange: (days: PeriodDays) => void }) {
  const { t } = useTranslation('overview');
  return (
    <Segmented
      label={t('period.label')}
      value={String(value)}
      onChange={(chosen) => onChange(PERIODS.find((days) => String(days) === chosen) ?? value)}
      options={PERIODS.map((days) => ({ value: String(days), label: t('period.days', { count: days }) }))}
    />
  );
}

function OverviewSkeleton() {
  return (
    <div className="flex flex-col gap-8">
      <Skeleton className="h-9 w-56" />
      <div className="grid grid-cols-2 gap-4 xl:grid-cols-5">
        {['a', 'b', 'c', 'd', 'e'].map((kpi) => (
          <Skeleton key={kpi} className="h-24 rounded-xl" />
        ))}
      </div>
      <Skeleton className="h-80 rounded-xl" />
    </div>
  );
}
