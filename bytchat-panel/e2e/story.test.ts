// The main job of the product in a browser: from nothing to an answer whose source one has seen.
import { expect, inject } from 'vitest';
import type { Conversation } from '@/api/types';
import { type Tab, test } from './browser.ts';
import { marked, Panel, QUESTION, SAMPLE } from './panel.ts';
import { newEmail, PASSWORD, Person } from './people.ts';
import { stored } from './storage.ts';

/** What the conversation's first answer cites as its first, from the API. */
async function firstQuote(email: string, conversationId: string): Promise<string> {
  const person = await Person.logIn(email, PASSWORD);
  const { messages } = await person.call<Conversation>('GET', `/conversations/${conversationId}`);
  const quote = messages.flatMap(({ citations }) => citations).find(({ n }) => n === 1)?.quote;
  if (!quote) throw new Error('The answer cites nothing.');
  return quote;
}

const told = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`;

test('from an empty account to an answer whose highlighted source is the quote', async ({ openTab }) => {
  const tab = await openTab();
  const panel = new Panel(tab);
  const email = newEmail();
  const began = Date.now();

  await panel.register(email);
  const registered = Date.now();
  await panel.button('Crear mi primer bot').click();
  await panel.createBot('Tornavía');
  await panel.trainSample();
  const trained = Date.now();
  await panel.button(QUESTION).click();
  const answer = await panel.wholeAnswer();
  const answered = Date.now();
  const drawer = await panel.openFirstCitation();

  expect(await answer.textContent()).toContain('729,00');
  expect(await marked(drawer)).toBe(await firstQuote(email, await panel.conversationId()));
  expect(await answer.textContent()).toContain(await drawer.locator('mark[data-sentence]').textContent());
  process.stdout.write(
    `\nFrom an empty account to a cited answer: ${told(answered - began)} (register ${told(registered - began)}, ` +
      `create and train ${told(trained - registered)}, answer ${told(answered - trained)})\n`,
  );
});

test('a file of one’s own is trained by the file dialog, and its page opens at the cited passage', async ({
  openTab,
}) => {
  const person = await Person.register();
  const bot = await person.newBot();
  const tab = await openTab({ as: person });
  const panel = new Panel(tab);

  await tab.goto(`/bots/${bot.id}/documents`);
  await panel.upload(SAMPLE);
  await panel.link('Chat').click();
  await panel.ask(QUESTION);
  await panel.wholeAnswer();
  const drawer = await panel.openFirstCitation();
  const quote = await marked(drawer);
  await drawer.getByRole('link', { name: 'Ver el documento' }).click();
  await tab.waitForURL(/\/documents\/[^/]+\?start=\d+&end=\d+/);
  await drawer.waitFor({ state: 'detached' });

  const text = tab.getByRole('region', { name: 'Texto de tienda.es.txt' });
  await text.locator('mark').first().waitFor();
  expect(await marked(text)).toBe(quote);
  expect(quote).toContain('729,00');
  expect(await isSeen(tab)).toBe(true);
});

/** Whether the first mark lies within the window. */
function isSeen(tab: Tab): Promise<boolean> {
  return tab.evaluate(() => {
    const box = document.querySelector('mark')?.getBoundingClientRect();
    return box !== undefined && box.height > 0 && box.top >= 0 && box.bottom <= window.innerHeight;
  });
}

test('OUT-3: after a logout no store holds a token, and going back shows the login', async ({ openTab }) => {
  const person = await Person.register();
  const tab = await openTab({ as: person });
  const panel = new Panel(tab);
  await tab.goto('/');
  await tab.goto('/bots');
  await panel.heading('Bots').waitFor();

  await panel.logOut();

  expect(await stored(tab)).not.toContain(person.token);
  await tab.goBack();
  await panel.heading('Entra en Bytchat').waitFor();
  expect(await panel.heading('Bots').count()).toBe(0);
});

test('the token is dead on the server after a logout', async ({ openTab }) => {
  const person = await Person.register();
  const panel = new Panel(await openTab({ as: person }));
  await panel.tab.goto('/');

  await panel.logOut();

  await expect(person.call('GET', '/users/me')).rejects.toThrow('401');
});

test('a second person sees nothing of the first one', async ({ openTab }) => {
  const [first, second] = [await Person.register(), await Person.register()];
  const bot = await first.newBot('El de otra persona');
  const document = await first.train(bot.id, 'La contraseña del almacén es «abedul».');
  const tab = await openTab({ as: second });
  tab.watch.expectStatus(404);
  const panel = new Panel(tab);

  await tab.goto('/bots');
  await panel.heading('Crea tu primer bot').waitFor();
  expect(await panel.said('El de otra persona').count()).toBe(0);
  await tab.goto('/');
  await panel.heading('Te damos la bienvenida a Bytchat').waitFor();

  const foreign = ['', '/chat', '/documents', `/documents/${document.id}`, '/toolbox', '/settings'];
  for (const page of foreign) {
    await tab.goto(`/bots/${bot.id}${page}`);
    await panel.heading('Ese bot no existe').waitFor();
    expect(await tab.textContent('body'), page).not.toMatch(/otra persona|abedul/);
  }
});

test('a conversation of somebody else is not there, in a bot of one’s own either', async ({ openTab }) => {
  const [first, second] = [await Person.register(), await Person.register()];
  const theirs = await first.newBot();
  await first.train(theirs.id, 'Secreto de almacén: la llave está bajo la maceta.');
  await first.ask(theirs.id, '¿Dónde está la llave del almacén?');
  const [conversation] = await first.call<{ id: string }[]>('GET', `/bots/${theirs.id}/conversations/`);
  const own = await second.newBot();
  const tab = await openTab({ as: second });
  tab.watch.expectStatus(404);

  await tab.goto(`/bots/${own.id}/chat/${conversation?.id}`);

  await tab.getByText('Esa conversación no existe', { exact: false }).waitFor();
  expect(await tab.textContent('body')).not.toContain('Secreto de almacén');
  expect(inject('panelUrl')).toBe(new URL(tab.url()).origin);
});
