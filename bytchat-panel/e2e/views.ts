// Every page of the panel in every state worth a look: who sees it, where it is, and what is done there first.

import { readFile } from 'node:fs/promises';
import type { TabOptions } from './browser.ts';
import { type Panel, QUESTION, SAMPLE } from './panel.ts';
import { Person } from './people.ts';

/** People and bots in the states that the views show. */
export interface World {
  newcomer: Person;
  owner: Person;
  /** Trained, and asked once. */
  botId: string;
  documentId: string;
  conversationId: string;
  /** Nothing in it. */
  emptyBotId: string;
  /** No model of it can answer. */
  silentBotId: string;
  /** Its document has many vectors to come. */
  trainingBotId: string;
}

export async function makeWorld(): Promise<World> {
  const [newcomer, owner] = [await Person.register(), await Person.register()];
  const text = await readFile(SAMPLE, 'utf8');
  const bot = await owner.newBot('Tornavía', [
    { task_type: 'general', provider: 'local', model_id: 'extractive' },
    { task_type: 'complex', provider: 'openai', model_id: 'gpt-5' },
    { task_type: 'pedidos', provider: 'google', model_id: 'un-modelo-con-un-nombre-muy-largo-y-sin-espacios-2026' },
  ]);
  const document = await owner.train(bot.id, text, 'tienda.es.txt');
  await owner.ask(bot.id, QUESTION);
  const [conversation] = await owner.call<{ id: string }[]>('GET', `/bots/${bot.id}/conversations/`);
  const emptyBot = await owner.newBot('Un bot recién creado');
  const silentBot = await owner.newBot('Sin voz', [{ task_type: 'general', provider: 'local', model_id: 'llama' }]);
  await owner.untilReady(bot.id, document.id);
  const trainingBot = await owner.newBot('Archivo', [
    { task_type: 'general', provider: 'google', model_id: 'gemini-2.5-flash' },
    { task_type: 'complex', provider: 'openai', model_id: 'gpt-5' },
  ]);
  for (const question of ASKED) await owner.ask(trainingBot.id, question);
  await owner.upload(trainingBot.id, lastingText(text), 'un-archivo-con-un-nombre-largo-de-verdad-2026.txt');
  return {
    newcomer,
    owner,
    botId: bot.id,
    documentId: document.id,
    conversationId: conversation?.id ?? '',
    emptyBotId: emptyBot.id,
    silentBotId: silentBot.id,
    trainingBotId: trainingBot.id,
  };
}

/** For the charts: these models have prices. */
const ASKED = ['Hola', '¿A qué hora abrís?', 'Compara con detalle las dos bicicletas y razona cuál conviene más.'];

/** Trains for minutes: no line comes twice, since what was embedded once is not embedded again. */
function lastingText(text: string): string {
  return Array.from({ length: 120 }, (_, part) => text.replaceAll('\n', ` ${part}\n`)).join('\n');
}

/** What trains for minutes must not hold up other tests. */
export async function endWorld({ owner, trainingBotId }: World): Promise<void> {
  await owner.call('DELETE', `/bots/${trainingBotId}`);
}

export interface View {
  as?: 'newcomer' | 'owner';
  path: (world: World) => string;
  /** Until it is drawn, with what is done there. */
  show: (panel: Panel) => Promise<unknown>;
  /** Statuses that the page meets. */
  meets?: number[];
}

const of = (page: string) => (world: World) => `/bots/${world.botId}/${page}`;

export const VIEWS: Record<string, View> = {
  login: { path: () => '/login?reason=expired', show: (panel) => panel.button('Entrar').waitFor() },
  'login-invalid': {
    path: () => '/login',
    async show(panel) {
      await panel.button('Entrar').click();
      await panel.said('Hace falta rellenarlo.').first().waitFor();
    },
  },
  register: { path: () => '/register', show: (panel) => panel.button('Crear la cuenta').waitFor() },
  'overview-empty': {
    as: 'newcomer',
    path: () => '/',
    show: (panel) => panel.button('Crear mi primer bot').waitFor(),
  },
  overview: {
    as: 'owner',
    path: () => '/',
    show: (panel) => panel.heading('Tokens por día').waitFor(),
  },
  'account-menu': {
    as: 'newcomer',
    path: () => '/',
    async show(panel) {
      await panel.tab.getByRole('button', { name: /^Tu cuenta/ }).click();
      await panel.tab.getByRole('menuitem', { name: 'Salir' }).waitFor();
    },
  },
  'bots-empty': {
    as: 'newcomer',
    path: () => '/bots',
    show: (panel) => panel.heading('Crea tu primer bot').waitFor(),
  },
  bots: { as: 'owner', path: () => '/bots', show: (panel) => panel.heading('Archivo').waitFor() },
  'bots-new': {
    as: 'newcomer',
    path: () => '/bots',
    async show(panel) {
      await panel.button('Nuevo bot').first().click();
      await panel.dialog('Nuevo bot').waitFor();
    },
  },
  'bot-unknown': {
    as: 'newcomer',
    path: of('chat'),
    show: (panel) => panel.heading('Ese bot no existe').waitFor(),
    meets: [404],
  },
  'chat-new-bot': {
    as: 'owner',
    path: ({ emptyBotId }) => `/bots/${emptyBotId}/chat`,
    show: (panel) => panel.button('Usa el manual de ejemplo').waitFor(),
  },
  'chat-empty': { as: 'owner', path: of('chat'), show: (panel) => panel.list('Preguntas sugeridas').waitFor() },
  'chat-answer': {
    as: 'owner',
    path: ({ botId, conversationId }) => `/bots/${botId}/chat/${conversationId}`,
    async show(panel) {
      await (await panel.wholeAnswer()).getByText('¿Por qué este modelo?').click();
    },
  },
  'chat-passage': {
    as: 'owner',
    path: ({ botId, conversationId }) => `/bots/${botId}/chat/${conversationId}`,
    async show(panel) {
      await panel.wholeAnswer();
      await panel.openFirstCitation();
    },
  },
  'chat-refused': {
    as: 'owner',
    path: ({ silentBotId }) => `/bots/${silentBotId}/chat`,
    async show(panel) {
      await panel.ask('¿Hay alguien?');
      await panel.button('Reintentar').waitFor();
    },
    meets: [409],
  },
  'documents-empty': {
    as: 'owner',
    path: ({ emptyBotId }) => `/bots/${emptyBotId}/documents`,
    show: (panel) => panel.button('Elegir archivos').waitFor(),
  },
  'documents-training': {
    as: 'owner',
    path: ({ trainingBotId }) => `/bots/${trainingBotId}/documents`,
    show: (panel) => panel.tab.getByRole('progressbar').first().waitFor(),
  },
  documents: { as: 'owner', path: of('documents'), show: (panel) => panel.said('Listo').first().waitFor() },
  search: {
    as: 'owner',
    path: of('documents/search'),
    async show(panel) {
      await panel.button(QUESTION).click();
      await panel.list('Pasajes encontrados').waitFor();
    },
  },
  'document-viewer': {
    as: 'owner',
    path: ({ botId, documentId }) => `/bots/${botId}/documents/${documentId}?start=2000&end=2400`,
    show: (panel) => panel.tab.locator('mark').first().waitFor(),
  },
  toolbox: { as: 'owner', path: of('toolbox'), show: (panel) => panel.button('Añadir modelo').first().waitFor() },
  'toolbox-add': {
    as: 'owner',
    path: of('toolbox'),
    async show(panel) {
      await panel.button('Añadir modelo').first().click();
      await panel.dialog('Añadir modelo').getByRole('combobox', { name: 'Modelo' }).waitFor();
    },
  },
  providers: {
    as: 'owner',
    path: () => '/providers',
    show: (panel) => panel.heading('Modelos y precios').waitFor(),
  },
  'providers-key': {
    as: 'owner',
    path: () => '/providers',
    async show(panel) {
      await panel.button('Añadir clave de OpenAI').first().click();
      await panel.dialog('Clave de OpenAI').waitFor();
    },
  },
  settings: { as: 'owner', path: of('settings'), show: (panel) => panel.button('Eliminar bot').waitFor() },
  'settings-delete': {
    as: 'owner',
    path: of('settings'),
    async show(panel) {
      await panel.button('Eliminar bot').click();
      await panel.dialog('¿Eliminar «Tornavía»?').waitFor();
    },
  },
  account: { as: 'owner', path: () => '/account', show: (panel) => panel.button('Borrar la cuenta…').waitFor() },
  'not-found': {
    as: 'owner',
    path: () => '/no/existe',
    show: (panel) => panel.heading('Esta página no existe').waitFor(),
  },
};

/** Who looks at this view. */
export function viewer(view: View, world: World): Pick<TabOptions, 'as'> {
  return view.as ? { as: world[view.as] } : {};
}
