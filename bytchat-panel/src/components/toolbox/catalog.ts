// The providers' models as one list that can be searched and sorted. Pure.
import type { Provider, ProviderModel, ProviderName } from '@/api/types';

export interface Listed extends ProviderModel {
  provider: ProviderName;
}

export const COLUMNS = ['model', 'provider', 'context', 'input', 'output'] as const;
export type Column = (typeof COLUMNS)[number];

export interface Order {
  column: Column;
  direction: 'ascending' | 'descending';
}

export function listedModels(providers: readonly Provider[]): Listed[] {
  return providers.flatMap(({ provider, models }) => models.map((model) => ({ ...model, provider })));
}

/** Those of the provider with every word of the search in their provider's name or their id. */
export function found(models: readonly Listed[], search: string, provider: ProviderName | 'all'): Listed[] {
  const words = search.trim().toLowerCase().split(/\s+/);
  return models.filter((model) => {
    const text = `${model.provider} ${model.model_id}`.toLowerCase();
    return (provider === 'all' || model.provider === provider) && words.every((word) => text.includes(word));
  });
}

/** What is not known comes last in both directions. */
export function sorted(models: readonly Listed[], { column, direction }: Order): Listed[] {
  const sign = direction === 'ascending' ? 1 : -1;
  return [...models].sort((one, other) => {
    const [a, b] = [cellOf(one, column), cellOf(other, column)];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    return sign * compared(a, b) || compared(one.model_id, other.model_id);
  });
}

/** The order after a column's heading was pressed. */
export function pressed(order: Order, column: Column): Order {
  const isAgain = order.column === column && order.direction === 'ascending';
  return { column, direction: isAgain ? 'descending' : 'ascending' };
}

function cellOf(model: Listed, column: Column): string | number | null {
  switch (column) {
    case 'model':
      return model.model_id;
    case 'provider':
      return model.provider;
    case 'context':
      return model.context_tokens;
    case 'input':
      return model.input_usd_per_mtok;
    case 'output':
      return model.output_usd_per_mtok;
  }
}

function compared(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), undefined, { numeric: true });
}
