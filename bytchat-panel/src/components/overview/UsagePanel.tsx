// The charts of a period, or what stands in their place; recharts comes only when there is something to draw.
import type { UseQueryResult } from '@tanstack/react-query';
import { ChartColumn, MessageSquareText } from 'lucide-react';
import { Component, lazy, type ReactNode, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import type { Bot, Usage } from '@/api/types';
import { Card } from '@/components/ui/Card';
import { EmptyState } from '@/components/ui/EmptyState';
import { ErrorState } from '@/components/ui/ErrorState';
import { LinkButton } from '@/components/ui/LinkButton';
import { QueryState } from '@/components/ui/QueryState';
import { Skeleton } from '@/components/ui/Skeleton';

const UsageCharts = lazy(() => import('./UsageCharts'));

interface UsagePanelProps {
  usage: UseQueryResult<Usage>;
  /** Whom to ask the first question. */
  bot: Bot | undefined;
}

export function UsagePanel({ usage, bot }: UsagePanelProps) {
  const { t } = useTranslation('overview');
  return (
    <section aria-labelledby="usage-title" aria-busy={usage.isPlaceholderData}>
      <h2 id="usage-title" className="mb-3 font-semibold text-base">
        {t('usage.title')}
      </h2>
      <QueryState
        query={usage}
        loading={<ChartsSkeleton />}
        isEmpty={({ total }) => total.answers === 0}
        empty={<NoAnswers bot={bot} />}
      >
        {(data) => (
          <ChunkBoundary>
            <Suspense fallback={<ChartsSkeleton />}>
              <UsageCharts usage={data} />
            </Suspense>
          </ChunkBoundary>
        )}
      </QueryState>
    </section>
  );
}

function NoAnswers({ bot }: { bot: Bot | undefined }) {
  const { t } = useTranslation('overview');
  const action = bot && (
    <LinkButton to={`/bots/${bot.id}`} icon={MessageSquareText}>
      {t('usage.ask', { name: bot.name })}
    </LinkButton>
  );
  return (
    <Card className="p-0">
      <EmptyState icon={ChartColumn} title={t('usage.empty')} text={t('usage.emptyText')} action={action} />
    </Card>
  );
}

/** As high as the charts, so that nothing jumps when they come. */
function ChartsSkeleton() {
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      {['tokens', 'cost', 'models', 'savings'].map((chart) => (
        <Skeleton key={chart} className="h-80 rounded-xl" />
      ))}
    </div>
  );
}

/** The charts' file may be gone after a new release: the rest of the page stays. */
class ChunkBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return <ErrorState error={this.state.error} onRetry={() => window.location.reload()} />;
  }
}
