import { expect, test } from 'vitest';
import { renderAt } from '@/tests/renderAt';
import { http, server } from '@/tests/server';

test('an unknown address is drawn inside the panel', async () => {
  server.use(http.get('/bots/', ({ response }) => response(200).json([])));

  const { router } = renderAt('/no-existe');

  expect(router.state.location.pathname).toBe('/no-existe');
});
