// The four states of what is asked of the server: loading, failed, empty, there.
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorState } from './ErrorState';

/** The part of a query that decides what is drawn. */
type Asked<T> = Pick<UseQueryResult<T>, 'data' | 'error' | 'isFetching'> & { refetch: () => unknown };

interface Props<T> {
  query: Asked<T>;
  loading: ReactNode;
  isEmpty?: ((data: T) => boolean) | undefined;
  empty?: ReactNode;
  children: (data: T) => ReactNode;
}

export function QueryState<T>({ query, loading, isEmpty, empty, children }: Props<T>) {
  const { t } = useTranslation('common');
  const { data, error, isFetching, refetch } = query;
  // What is known is shown, also when asking again has failed.
  if (data !== undefined) return isEmpty?.(data) ? empty : children(data);
  if (error) return <ErrorState error={error} isBusy={isFetching} onRetry={() => void refetch()} />;
  return (
    <div aria-busy="true">
      <span role="status" className="sr-only">
        {t('loading')}
      </span>
      {loading}
    </div>
  );
}
