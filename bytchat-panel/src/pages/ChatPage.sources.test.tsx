// What stands behind an answer: its narrowed quotes, documents that are gone, and no answer at all.
import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { A_CONVERSATION_ID, answered, aPassage, aStarted, finished, said } from '@/tests/chatStream';
import { field, onAsked, openChat, prepareChatWorld, store } from '@/tests/chatWorld';
import { anAnswer, aQuestion } from '@/tests/factories';
import { http, server } from '@/tests/server';

prepareChatWorld();

const sources = async () => within(await screen.findByRole('region', { name: 'Fuentes' }));

test('an answer that is whole shows of each passage only what it stands on', async () => {
  const passage = aPassage({ quote: 'Hay tres. La Molinera cuesta 729 €. Se pliega.', start: 0, end: 46 });
  const { score: _, ...narrowed } = aPassage({ quote: 'La Molinera cuesta 729 €.', start: 10, end: 35 });
  onAsked(() =>
    answered(
      aStarted(),
      { kind: 'sources', passages: [passage] },
      said('Cuesta 729 € [1].'),
      finished('stop', [narrowed]),
    ),
  );
  const { user } = openChat();

  await user.type(await field(), '¿Cuánto?{Enter}');

  expect((await sources()).getByText('La Molinera cuesta 729 €.')).toBeVisible();
  expect(screen.queryByText(/Se pliega/)).not.toBeInTheDocument();
});

test('a citation whose document is gone says so and can still be read', async () => {
  const question = aQuestion();
  const { score: _, ...citation } = aPassage();
  const gone = { ...citation, document_id: null };
  store(question, anAnswer({ text: 'Cuesta 729 € [1].', question_id: question.id, citations: [gone] }));
  const { user } = openChat(A_CONVERSATION_ID);
  expect((await sources()).getByText('El documento ya no está')).toBeVisible();

  await user.click(screen.getByRole('button', { name: 'Cita 1: tienda.es.txt, un documento que ya no está' }));

  const drawer = within(await screen.findByRole('dialog'));
  expect(drawer.getByText('La Molinera cuesta 729 €')).toBeVisible();
  expect(drawer.getByText(/se ha borrado/)).toBeVisible();
});

test('where the documents hold no answer no model is named, nothing is cited, and the reason is told', async () => {
  const question = aQuestion({ text: '¿Quién ganó la liga?' });
  store(
    question,
    anAnswer({
      text: 'No encuentro la respuesta en los documentos de este bot.',
      question_id: question.id,
      model_id: 'refusal',
      reason: 'la confianza en los documentos es 0,31 y el mínimo de este bot 0,50',
      input_tokens: 0,
      output_tokens: 0,
    }),
  );
  server.use(
    http.post('/bots/{bot_id}/search', ({ response }) => response(200).json({ passages: [], confidence: 0.31 })),
  );
  const { user, router } = openChat(A_CONVERSATION_ID);

  expect(await screen.findByText('Sin respuesta en los documentos')).toBeVisible();
  expect(screen.queryByText(/refusal|sin coste|¿Por qué este modelo\?/)).not.toBeInTheDocument();
  expect(screen.queryByRole('region', { name: 'Fuentes' })).not.toBeInTheDocument();
  await user.click(screen.getByText('¿Por qué no responde?'));
  expect(screen.getByText('La confianza en los documentos es 0,31 y el mínimo de este bot 0,50.')).toBeVisible();
  await user.click(screen.getByRole('link', { name: 'Ver qué ha encontrado' }));
  await waitFor(() => expect(router.state.location.state).toMatchObject({ query: '¿Quién ganó la liga?' }));
});
