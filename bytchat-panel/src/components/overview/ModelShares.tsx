// Which models gave the answers.
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/components/ui/useFormat';
import { isRefusal } from '@/lib/refusal';
import { type ModelShare, modelShares, type UsageModel } from '@/lib/usage';
import { ChartCard, HiddenTable } from './ChartCard';

export function ModelShares({ models }: { models: readonly UsageModel[] }) {
  const { t } = useTranslation('overview');
  const format = useFormat();
  const shares = modelShares(models);
  const nameOf = ({ model }: ModelShare) => {
    if (!model) return t('usage.others');
    return isRefusal(model) ? t('usage.noAnswer') : `${model.provider} · ${model.model_id}`;
  };
  const costOf = (share: ModelShare) =>
    share.answers_cost_unknown === share.answers ? t('usage.unpriced') : format.money(share.cost_micro_usd);
  const first = shares.find(({ model }) => model && !isRefusal(model)) ?? shares[0];
  const summary = first && t('usage.modelsSummary', { model: nameOf(first), share: format.percent(first.share) });
  return (
    <ChartCard title={t('usage.modelsTitle')} summary={summary}>
      <ul aria-hidden="true" className="flex flex-col gap-4">
        {shares.map((share) => (
          <ShareBar key={nameOf(share)} share={share} name={nameOf(share)} cost={costOf(share)} />
        ))}
      </ul>
      <HiddenTable
        caption={t('usage.modelsTitle')}
        head={[t('usage.model'), t('usage.share'), t('usage.answers'), t('usage.tokens'), t('usage.cost')]}
        rows={shares.map((share) => [
          nameOf(share),
          format.percent(share.share),
          format.number(share.answers),
          format.number(share.tokens),
          costOf(share),
        ])}
      />
    </ChartCard>
  );
}

function ShareBar({ share, name, cost }: { share: ModelShare; name: string; cost: string }) {
  const { t } = useTranslation('overview');
  const format = useFormat();
  const answers = t('usage.answersCount', { count: share.answers, formatted: format.number(share.answers) });
  return (
    <li>
      <div className="flex items-baseline justify-between gap-4 text-sm">
        <span className="min-w-0 truncate font-medium" title={name}>
          {name}
        </span>
        <span className="shrink-0 tabular-nums">{format.percent(share.share)}</span>
      </div>
      <div className="mt-1.5 h-2 overflow-hidden rounded-full bg-sunken">
        <div className="h-full min-w-1 rounded-full bg-accent" style={{ width: `${share.share * 100}%` }} />
      </div>
      <p className="mt-1 text-muted text-xs tabular-nums">
        {answers} · {cost}
      </p>
    </li>
  );
}
