// Somebody whose every name, file, document, model and question is a payload, and the pages that show them.
import type { Page } from 'playwright-core';
import type { Bot, BotDocument } from '@/api/types';
import { deviceOf } from '@/lib/device';
import { readThrough } from './audit.ts';
import { asRead, FOREIGN, NAMES, PAYLOADS } from './payloads.ts';
import { PASSWORD, Person } from './people.ts';

/** A scripted model without a script says the question back. */
const ECHO = { task_type: 'general', provider: 'openai', model_id: 'eco' };

/** A header holds nothing but these signs. */
const USER_AGENTS = NAMES.filter((name) => /^[ -~]+$/.test(name));

export interface Hostile {
  person: Person;
  /** Its documents and conversations are payloads. */
  bot: Bot;
  /** Their models are payloads. */
  toolboxes: Bot[];
  /** One line a payload. */
  text: BotDocument;
  filenames: string[];
  /** A turn a payload. */
  conversationId: string;
}

export async function makeHostile(): Promise<Hostile> {
  const person = await Person.register();
  await each(USER_AGENTS, (name) => Person.logIn(person.email, PASSWORD, name));
  await each(NAMES, (name) => person.call('POST', '/bots/', { name, description: name, system_prompt: name }));
  const system_prompt = PAYLOADS.map(({ text }) => text).join('\n');
  const bot = await person.call<Bot>('POST', '/bots/', { name: 'Eco', system_prompt, initial_configs: [ECHO] });
  const text = await person.train(bot.id, PAYLOADS.map((payload) => payload.text).join('\n'), 'texto.txt');
  return {
    person,
    bot,
    text,
    toolboxes: [await newToolbox(person, NAMES.slice(0, 30)), await newToolbox(person, NAMES.slice(30))],
    filenames: await uploadNames(person, bot.id),
    conversationId: await askAll(person, bot.id),
  };
}

function newToolbox(person: Person, names: readonly string[]): Promise<Bot> {
  const configs = names.map((name, at) => ({
    task_type: `tarea-${at}`,
    provider: 'openai',
    model_id: name,
    description: name,
  }));
  return person.call('POST', '/bots/', { name: 'Caja', initial_configs: configs });
}

async function uploadNames(person: Person, botId: string): Promise<string[]> {
  return each(NAMES, async (name) => (await person.upload(botId, `Se llama ${name}`, `${name}.txt`)).filename);
}

/** Each payload begins a conversation (its title), and is one turn of another. */
async function askAll(person: Person, botId: string): Promise<string> {
  await each(PAYLOADS, ({ text }) => person.ask(botId, text));
  const conversations = () => person.call<{ id: string }[]>('GET', `/bots/${botId}/conversations/`);
  await person.ask(botId, 'Empieza.');
  const conversation_id = (await conversations())[0]?.id ?? '';
  for (const { text } of PAYLOADS) {
    await person.call('POST', `/chat/${botId}`, { query: `Di:\n\n${text}\n\nYa.`, conversation_id });
  }
  return conversation_id;
}

/** Six at a time. */
async function each<T, U>(values: readonly T[], make: (value: T) => Promise<U>): Promise<U[]> {
  const made: U[] = [];
  for (let at = 0; at < values.length; at += 6)
    made.push(...(await Promise.all(values.slice(at, at + 6).map(make))));
  return made;
}

export interface Visit {
  path: (hostile: Hostile) => string;
  /** What must be there to be read; without it the page is only audited. */
  shows?: (hostile: Hostile) => readonly string[];
  /** Where it must be. */
  within?: string;
  /** What is done there before it is read. */
  act?: (tab: Page) => Promise<void>;
}

export const VISITS: Record<string, Visit> = {
  'the overview': { path: () => '/' },
  'the sessions of the account': {
    path: () => '/account',
    act: openSessions,
    shows: () => USER_AGENTS.map((name) => deviceOf(name).browser ?? ''),
  },
  'the list of bots': { path: () => '/bots', shows: () => NAMES },
  'the settings of a bot': {
    path: ({ bot }) => `/bots/${bot.id}/settings`,
    shows: () => PAYLOADS.map(({ text }) => text),
  },
  'a toolbox': { path: ({ toolboxes }) => `/bots/${toolboxes[0]?.id}/toolbox`, shows: () => NAMES.slice(0, 30) },
  'another toolbox': { path: ({ toolboxes }) => `/bots/${toolboxes[1]?.id}/toolbox`, shows: () => NAMES.slice(30) },
  'the list of documents': { path: ({ bot }) => `/bots/${bot.id}/documents`, shows: ({ filenames }) => filenames },
  'a document': {
    path: ({ bot, text }) => `/bots/${bot.id}/documents/${text.id}`,
    shows: () => PAYLOADS.map(({ text }) => text),
  },
  'a conversation': {
    path: ({ bot, conversationId }) => `/bots/${bot.id}/chat/${conversationId}`,
    // The questions show them as well.
    within: 'article[aria-label="Respuesta"]',
    shows: () => PAYLOADS.map(({ inMarkdown }) => inMarkdown),
  },
  'the list of conversations': {
    path: ({ bot }) => `/bots/${bot.id}/chat`,
    act: openOlder,
    shows: () => PAYLOADS.map(({ text }) => [...asRead(text)].slice(0, 60).join('')),
  },
  'the passages that a search finds': {
    path: ({ bot }) => `/bots/${bot.id}/documents/search`,
    act: search,
  },
  'the passage that an answer cites': { path: ({ bot }) => `/bots/${bot.id}/chat`, act: openCitation },
};

async function openSessions(tab: Page): Promise<void> {
  await tab.getByRole('button', { name: /^Ver \d+ más$/ }).click();
}

async function openOlder(tab: Page): Promise<void> {
  const more = tab.getByRole('button', { name: 'Ver más antiguas' });
  while (await more.isVisible()) {
    await Promise.all([tab.waitForResponse(/\/conversations\/\?/), more.click()]);
    await more.and(tab.locator('[aria-busy=true]')).waitFor({ state: 'detached' });
  }
}

async function search(tab: Page): Promise<void> {
  await tab.getByRole('searchbox').fill('<img src=x onerror=pwn(1)> ¿Quién llama a evil example con onerror?');
  await tab.keyboard.press('Enter');
  await tab.getByRole('list', { name: 'Pasajes encontrados' }).waitFor();
}

async function openCitation(tab: Page): Promise<void> {
  await tab.getByRole('textbox', { name: 'Pregunta' }).fill('¿Quién llama a evil example con onerror? [1] [2] [3]');
  await tab.keyboard.press('Enter');
  const citation = tab.getByRole('button', { name: /^Cita 1/ }).first();
  await citation.hover();
  await citation.click();
  await tab.getByRole('dialog').locator('mark').first().waitFor();
}

/** Open the page, wait until it shows its data, act, and give all that it says. */
export async function visit(tab: Page, { path, act, within }: Visit, hostile: Hostile): Promise<string> {
  await tab.goto(path(hostile));
  await tab.getByRole('heading', { level: 1 }).first().waitFor();
  await tab.waitForLoadState('networkidle');
  await act?.(tab);
  return readThrough(tab, within);
}

/** An answer whose every field is a payload, as the API streams one. */
export function hostileStream({ text: bad }: { text: string }): string {
  const passage = { n: 1, document_id: null, filename: bad, start: 0, end: 9, quote: bad, score: 1 };
  const events: [string, object][] = [
    ['started', { ...STARTED, model: bad, task_type: bad, reason: bad }],
    ['sources', { passages: [passage] }],
    ['delta', { text: `Así: [1]\n\n${bad}` }],
    ['error', { code: bad, detail: bad }],
  ];
  return events.map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`).join('');
}

const STARTED = {
  message_id: '019c0000-0000-7000-8000-000000000001',
  conversation_id: '019c0000-0000-7000-8000-000000000002',
  question_id: '019c0000-0000-7000-8000-000000000003',
  provider: 'openai',
};

export const isForeign = (url: string) => new URL(url).hostname.endsWith(FOREIGN);
