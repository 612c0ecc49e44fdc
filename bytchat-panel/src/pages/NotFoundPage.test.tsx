import { screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { renderAt } from '@/tests/renderAt';
import { http, server } from '@/tests/server';

test('an unknown address is drawn inside the panel, with a way back', async () => {
  server.use(http.get('/bots/', ({ response }) => response(200).json([])));

  renderAt('/no-existe');

  expect(await screen.findByRole('heading', { level: 1, name: 'Esta página no existe' })).toBeVisible();
  expect(screen.getByRole('link', { name: 'Ir al inicio' })).toHaveAttribute('href', '/');
  expect(screen.getAllByRole('link', { name: 'Modelos y claves' })[0]).toBeVisible();
});
