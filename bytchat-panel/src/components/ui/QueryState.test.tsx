import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { Problem } from '@/api/problem';
import { QueryState } from './QueryState';

interface Given {
  data?: string[] | undefined;
  error?: Error | null;
}

function draw({ data, error = null }: Given) {
  const refetch = vi.fn();
  render(
    <QueryState
      query={{ data, error, isFetching: false, refetch }}
      loading={<p>Esqueleto</p>}
      isEmpty={(rows) => rows.length === 0}
      empty={<p>Nada todavía</p>}
    >
      {(rows) => <p>{rows.join()}</p>}
    </QueryState>,
  );
  return refetch;
}

test('while nothing is known it draws the shape of what comes, and says that it loads', () => {
  draw({});

  expect(screen.getByText('Esqueleto')).toBeVisible();
  expect(screen.getByRole('status')).toHaveTextContent('Cargando…');
});

test('a failure is told in words, and can be tried again', async () => {
  const refetch = draw({ error: new Problem(503, 'database_unavailable') });

  await userEvent.click(screen.getByRole('button', { name: 'Reintentar' }));

  expect(screen.getByRole('alert')).toHaveTextContent('La base de datos no responde');
  expect(refetch).toHaveBeenCalledOnce();
});

test('nothing is not the same as rows', () => {
  draw({ data: [] });

  expect(screen.getByText('Nada todavía')).toBeVisible();
});

test('rows stay although asking again has failed', () => {
  draw({ data: ['uno', 'dos'], error: new Problem(0, 'network') });

  expect(screen.getByText('uno,dos')).toBeVisible();
  expect(screen.queryByRole('alert')).toBeNull();
});
