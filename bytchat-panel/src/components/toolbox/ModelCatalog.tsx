// The models that are offered and what they cost: searched, sorted, as a table or as cards on phones.
import { SearchX } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Provider, ProviderName } from '@/api/types';
import { Button } from '@/components/ui/Button';
import { Card } from '@/components/ui/Card';
import { EmptyState } from '@/components/ui/EmptyState';
import { Input } from '@/components/ui/Input';
import { Segmented } from '@/components/ui/Segmented';
import { useFormat } from '@/components/ui/useFormat';
import { CatalogCards } from './CatalogCards';
import { CatalogTable } from './CatalogTable';
import { found, listedModels, type Order, pressed, sorted } from './catalog';

type Filter = ProviderName | 'all';

export function ModelCatalog({ providers }: { providers: readonly Provider[] }) {
  const { t } = useTranslation('toolbox');
  const format = useFormat();
  const [search, setSearch] = useState('');
  const [filter, setFilter] = useState<Filter>('all');
  const [order, setOrder] = useState<Order>({ column: 'provider', direction: 'ascending' });
  const models = sorted(found(listedModels(providers), search, filter), order);
  const clear = () => {
    setSearch('');
    setFilter('all');
  };
  const asOf = providers[0]?.prices_as_of;
  return (
    <section aria-labelledby="catalog" className="space-y-4">
      <header className="space-y-1">
        <h2 id="catalog" className="text-lg font-semibold">
          {t('catalog.title')}
        </h2>
        {asOf && <p className="text-sm text-muted">{t('catalog.asOf', { date: format.date(asOf) })}</p>}
      </header>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <Input
          type="search"
          aria-label={t('catalog.search')}
          placeholder={t('catalog.search')}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          className="w-full sm:max-w-xs"
        />
        <ProviderFilter value={filter} onChange={setFilter} />
      </div>
      <p role="status" className="sr-only">
        {t('form.found', { count: models.length })}
      </p>
      {models.length === 0 ? (
        <NothingFound onClear={clear} />
      ) : (
        <>
          <CatalogTable models={models} order={order} onSort={(column) => setOrder(pressed(order, column))} />
          <CatalogCards models={models} order={order} onSort={setOrder} />
        </>
      )}
    </section>
  );
}

function ProviderFilter({ value, onChange }: { value: Filter; onChange: (filter: Filter) => void }) {
  const { t } = useTranslation('toolbox');
  const names = ['google', 'openai', 'local'] as const;
  const options = [
    { value: 'all' as Filter, label: t('catalog.everyone') },
    ...names.map((name) => ({ value: name as Filter, label: t(`provider.${name}`) })),
  ];
  return <Segmented label={t('catalog.filter')} value={value} onChange={onChange} options={options} />;
}

function NothingFound({ onClear }: { onClear: () => void }) {
  const { t } = useTranslation('toolbox');
  return (
    <Card className="p-0">
      <EmptyState
        icon={SearchX}
        title={t('catalog.nothing')}
        text={t('catalog.nothingText')}
        action={<Button onClick={onClear}>{t('catalog.clear')}</Button>}
      />
    </Card>
  );
}
