// The catalog where there is room for columns.
import { ArrowDown, ArrowUp, ArrowUpDown } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Badge } from '@/components/ui/Badge';
import { classes } from '@/lib/classes';
import { tokensText, usdText } from '@/lib/prices';
import { COLUMNS, type Column, type Listed, type Order } from './catalog';

interface CatalogTableProps {
  models: readonly Listed[];
  order: Order;
  onSort: (column: Column) => void;
}

export function CatalogTable({ models, order, onSort }: CatalogTableProps) {
  return (
    <div className="hidden overflow-hidden rounded-xl border border-line bg-surface md:block">
      <table className="w-full text-left text-[15px]" aria-labelledby="catalog">
        <thead className="border-b border-line bg-sunken text-sm">
          <tr>
            {COLUMNS.map((column) => (
              <SortedHeading key={column} column={column} order={order} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {models.map((model) => (
            <Row key={`${model.provider}/${model.model_id}`} model={model} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function isNumeric(column: Column): boolean {
  return column !== 'model' && column !== 'provider';
}

function SortedHeading({ column, order, onSort }: Omit<CatalogTableProps, 'models'> & { column: Column }) {
  const { t } = useTranslation('toolbox');
  const direction = order.column === column ? order.direction : 'none';
  const Icon = direction === 'none' ? ArrowUpDown : direction === 'ascending' ? ArrowUp : ArrowDown;
  return (
    <th scope="col" aria-sort={direction} className={classes('px-2 py-1', isNumeric(column) && 'text-right')}>
      <button
        type="button"
        onClick={() => onSort(column)}
        className={classes(
          'inline-flex h-9 items-center gap-1.5 rounded-lg px-2 font-medium hover:text-ink',
          direction === 'none' ? 'text-muted' : 'text-ink',
        )}
      >
        {t(`catalog.${column}`)}
        <Icon aria-hidden="true" className="size-3.5" />
      </button>
    </th>
  );
}

function Row({ model }: { model: Listed }) {
  const { t, i18n } = useTranslation('toolbox');
  const unknown = <span className="text-muted">{t('catalog.unknown')}</span>;
  const price = (usd: number | null) => (usd === 0 ? t('catalog.free') : (usdText(usd, i18n.language) ?? unknown));
  const number = 'px-4 py-2.5 text-right tabular-nums whitespace-nowrap';
  return (
    <tr className="hover:bg-page">
      <th scope="row" className="px-4 py-2.5 font-medium">
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
          {model.model_id}
          {model.reasons && <Badge>{t('reasons')}</Badge>}
        </span>
      </th>
      <td className="px-4 py-2.5 text-muted">{t(`provider.${model.provider}`)}</td>
      <td className={number}>{tokensText(model.context_tokens, i18n.language) ?? unknown}</td>
      <td className={number}>{price(model.input_usd_per_mtok)}</td>
      <td className={number}>{price(model.output_usd_per_mtok)}</td>
    </tr>
  );
}
