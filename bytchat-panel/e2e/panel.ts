// The panel as people use it: what they find by its role and its words (in Spanish), and what they do with it.
import { resolve } from 'node:path';
import type { Locator } from 'playwright-core';
import type { Tab } from './browser.ts';
import { PASSWORD } from './people.ts';

export const SAMPLE = resolve(import.meta.dirname, '..', '..', 'samples', 'tienda.es.txt');
/** The handbook answers it in its own words. */
export const QUESTION = '¿Cuánto cuesta la bicicleta plegable Molinera?';

/** From the click until the words can be searched, on a machine that does much else. */
const TRAINING_MS = 60_000;

export class Panel {
  readonly tab: Tab;

  constructor(tab: Tab) {
    this.tab = tab;
  }

  async register(email: string): Promise<void> {
    await this.tab.goto('/register');
    await this.fillCredentials(email, PASSWORD);
    await this.button('Crear la cuenta').click();
    await this.heading('Te damos la bienvenida a Bytchat').waitFor();
  }

  /** On the login page: the form filled and sent. */
  async logIn(email: string, password = PASSWORD): Promise<void> {
    await this.fillCredentials(email, password);
    await this.button('Entrar').click();
  }

  private async fillCredentials(email: string, password: string): Promise<void> {
    await this.field('Correo').fill(email);
    await this.field('Contraseña').fill(password);
  }

  async logOut(): Promise<void> {
    await this.tab.getByRole('button', { name: /^Tu cuenta/ }).click();
    await this.tab.getByRole('menuitem', { name: 'Salir' }).click();
    await this.tab.waitForURL(/\/login$/);
    await this.heading('Entra en Bytchat').waitFor();
  }

  /** From a dialog that is open; gives the bot's id. */
  async createBot(name: string): Promise<string> {
    const dialog = this.dialog('Nuevo bot');
    await dialog.getByRole('textbox', { name: 'Nombre' }).fill(name);
    await dialog.getByRole('button', { name: 'Crear bot' }).click();
    await this.tab.waitForURL(/\/bots\/[^/]+\/chat$/);
    return this.botId();
  }

  /** The bot of the page. */
  botId(): string {
    const id = new URL(this.tab.url()).pathname.split('/')[2];
    if (!id) throw new Error(`No bot at ${this.tab.url()}.`);
    return id;
  }

  /** The conversation of the page, once it has its id. */
  async conversationId(): Promise<string> {
    await this.tab.waitForURL(/\/chat\/[^/]+$/);
    return new URL(this.tab.url()).pathname.split('/').at(-1) ?? '';
  }

  /** The first training of a bot, in its empty chat: until it can be asked. */
  async trainSample(): Promise<void> {
    await this.button('Usa el manual de ejemplo').click();
    await this.list('Preguntas sugeridas').waitFor({ timeout: TRAINING_MS });
  }

  /** On the documents page: through the browser's own file dialog, until it can be asked. */
  async upload(path: string): Promise<void> {
    const chooser = this.tab.waitForEvent('filechooser');
    await this.button('Elegir archivos').click();
    await (await chooser).setFiles(path);
    await this.tab
      .getByText(/^(Ya se puede preguntar|Listo)$/)
      .first()
      .waitFor({ timeout: TRAINING_MS });
  }

  async openChat(botId: string, conversationId?: string): Promise<void> {
    await this.tab.goto(`/bots/${botId}/chat${conversationId ? `/${conversationId}` : ''}`);
    await this.composer().waitFor();
  }

  async ask(question: string): Promise<void> {
    await this.composer().fill(question);
    await this.button('Enviar').click();
  }

  composer(): Locator {
    return this.tab.getByRole('textbox', { name: 'Pregunta', exact: true });
  }

  /** The last answer, once it has begun. */
  answer(): Locator {
    return this.tab.getByRole('article', { name: 'Respuesta', exact: true }).last();
  }

  /** The last answer, once it is complete. */
  async wholeAnswer(): Promise<Locator> {
    await this.answer().and(this.tab.locator('[aria-busy=false]')).waitFor();
    return this.answer();
  }

  async openFirstCitation(): Promise<Locator> {
    await this.answer()
      .getByRole('button', { name: /^Cita 1: / })
      .first()
      .click();
    const drawer = this.passageDrawer();
    await drawer.locator('mark').first().waitFor();
    return drawer;
  }

  passageDrawer(): Locator {
    return this.tab.getByRole('dialog', { name: /^Cita en / });
  }

  dialog(name: string): Locator {
    return this.tab.getByRole('dialog', { name });
  }

  heading(name: string | RegExp): Locator {
    return this.tab.getByRole('heading', { name });
  }

  button(name: string): Locator {
    return this.tab.getByRole('button', { name, exact: true });
  }

  link(name: string): Locator {
    return this.tab.getByRole('link', { name, exact: true });
  }

  list(name: string): Locator {
    return this.tab.getByRole('list', { name });
  }

  field(name: string): Locator {
    return this.tab.getByLabel(name, { exact: true });
  }

  said(words: string | RegExp): Locator {
    return this.tab.getByText(words);
  }
}

/** The words of a highlighted passage, joined as they stand in the document. */
export async function marked(within: Locator): Promise<string> {
  return (await within.locator('mark').allTextContents()).join('');
}
