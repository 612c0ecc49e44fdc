// The catalog on phones: one card a model, and a select for the order.
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { Badge } from '@/components/ui/Badge';
import { Select } from '@/components/ui/Select';
import { COLUMNS, type Column, type Listed, type Order } from './catalog';
import { ModelFacts } from './ModelFacts';
import { ProviderMark } from './ProviderMark';

interface CatalogCardsProps {
  models: readonly Listed[];
  order: Order;
  onSort: (order: Order) => void;
}

export function CatalogCards({ models, order, onSort }: CatalogCardsProps) {
  const { t } = useTranslation('toolbox');
  const id = useId();
  return (
    <div className="space-y-3 md:hidden">
      <label htmlFor={id} className="flex items-center gap-3 text-sm text-muted">
        <span className="shrink-0">{t('catalog.sort')}</span>
        <Select
          id={id}
          value={order.column}
          onChange={(event) => onSort({ column: event.target.value as Column, direction: 'ascending' })}
        >
          {COLUMNS.map((column) => (
            <option key={column} value={column}>
              {t(`catalog.${column}`)}
            </option>
          ))}
        </Select>
      </label>
      <ul className="divide-y divide-line rounded-xl border border-line bg-surface">
        {models.map((model) => (
          <li key={`${model.provider}/${model.model_id}`} className="flex gap-3 p-4">
            <ProviderMark provider={model.provider} />
            <div className="min-w-0 space-y-1">
              <p className="flex flex-wrap items-center gap-2 text-[15px] font-medium break-all">
                {model.model_id}
                {model.reasons && <Badge>{t('reasons')}</Badge>}
              </p>
              <p className="flex flex-col text-sm text-muted">
                <span>{t(`provider.${model.provider}`)}</span>
                <ModelFacts model={model} />
              </p>
            </div>
          </li>
        ))}
      </ul>
    </div>
  );
}
