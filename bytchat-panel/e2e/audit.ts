// Watches a page for what hostile text would leave in it, from its first node on: also what was there for a moment only.
import type { Page } from 'playwright-core';

export class Audit {
  private readonly found = new Set<string>();

  /** From the next page that the tab opens. */
  static async over(tab: Page): Promise<Audit> {
    const audit = new Audit();
    await tab.exposeFunction('reportHostile', (what: string) => void audit.found.add(what));
    await tab.addInitScript(watchPage);
    tab.on('dialog', (dialog) => {
      audit.found.add(`a dialog opened: ${dialog.message()}`);
      void dialog.dismiss();
    });
    tab.on('popup', (popup) => audit.found.add(`a window opened: ${popup.url()}`));
    return audit;
  }

  /** What was there and must not be; empty is well. */
  faults(): string[] {
    return [...this.found];
  }
}

/** Runs in the page, before any of its own scripts. */
function watchPage(): void {
  const page = window as unknown as { reportHostile: (what: string) => void; pwn: (number: unknown) => void };
  const tell = page.reportHostile;
  page.pwn = (number) => tell(`script ${String(number)} ran`);

  const FORBIDDEN = new Set([
    ...['iframe', 'frame', 'object', 'embed', 'base', 'style', 'video', 'audio', 'source', 'track', 'math'],
    ...['template', 'noscript', 'applet', 'portal', 'animate', 'set', 'foreignobject', 'image', 'use', 'marquee'],
  ]);
  const ADDRESSES = [
    'href',
    'xlink:href',
    'src',
    'srcset',
    'action',
    'formaction',
    'data',
    'poster',
    'ping',
    'background',
  ];
  const FORBIDDEN_SCHEME = /^(?:javascript|vbscript|data|file|blob):/;

  const told = (element: Element) => element.outerHTML.slice(0, 160);
  const scheme = (value: string) =>
    [...value]
      .filter((character) => character > ' ')
      .join('')
      .toLowerCase();

  function inspectAddress(element: Element, name: string): void {
    const value = element.getAttribute(name);
    if (value === null) return;
    if (FORBIDDEN_SCHEME.test(scheme(value))) tell(`${name} of another scheme: ${told(element)}`);
    if (name === 'action' || name === 'formaction' || name === 'ping') tell(`${name}: ${told(element)}`);
    if (name.startsWith('src') && new URL(value, location.href).origin !== location.origin) {
      tell(`${name} elsewhere: ${told(element)}`);
    }
  }

  function inspectLink(link: HTMLAnchorElement): void {
    if (!link.hasAttribute('href') || link.origin === location.origin) return;
    const rel = new Set(link.rel.split(/\s+/));
    const isShut = ['noopener', 'noreferrer', 'nofollow'].every((word) => rel.has(word));
    if (!isShut || link.target !== '_blank') tell(`a foreign link without its rel or target: ${told(link)}`);
    if (!['http:', 'https:', 'mailto:'].includes(link.protocol)) tell(`a link of another scheme: ${told(link)}`);
  }

  function inspect(element: Element): void {
    const tag = element.localName.toLowerCase();
    if (FORBIDDEN.has(tag) || tag.includes('-')) tell(`<${tag}>: ${told(element)}`);
    if (tag === 'script' && !element.getAttribute('src')?.startsWith('/')) tell(`a script: ${told(element)}`);
    if (tag === 'meta' && element.hasAttribute('http-equiv')) tell(`a meta that acts: ${told(element)}`);
    if (tag === 'link' && new URL((element as HTMLLinkElement).href).origin !== location.origin)
      tell(told(element));
    if (/url\(/i.test(element.getAttribute('style') ?? '')) tell(`a style that fetches: ${told(element)}`);
    for (const { name } of element.attributes) {
      if (/^on/i.test(name) || name === 'srcdoc') tell(`${name}: ${told(element)}`);
    }
    for (const name of ADDRESSES) inspectAddress(element, name);
    if (element instanceof HTMLAnchorElement) inspectLink(element);
  }

  const inspectTree = (node: Node): void => {
    if (!(node instanceof Element)) return;
    inspect(node);
    for (const element of node.querySelectorAll('*')) inspect(element);
  };
  new MutationObserver((records) => {
    for (const { type, target, addedNodes } of records) {
      if (type === 'attributes') inspect(target as Element);
      else for (const node of addedNodes) inspectTree(node);
    }
  }).observe(document, { subtree: true, childList: true, attributes: true });
}

/**
 * All that the page, or what the selector finds in it, says: its fields' values too, and the rows of a list that are
 * drawn only when they are near, since every part that scrolls is scrolled to its end.
 */
export function readThrough(tab: Page, within = 'body'): Promise<string> {
  return tab.evaluate(async (selector) => {
    const parts = new Set<string>();
    const read = () => {
      for (const part of document.querySelectorAll(selector)) {
        parts.add(part.textContent ?? '');
        for (const field of part.querySelectorAll('input, textarea')) parts.add((field as HTMLInputElement).value);
      }
    };
    const drawn = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    const scrolls = (element: Element) =>
      element.scrollHeight > element.clientHeight + 8 && /auto|scroll/.test(getComputedStyle(element).overflowY);
    read();
    for (const element of [document.documentElement, ...document.querySelectorAll('*')].filter(scrolls)) {
      for (let top = 0; top < element.scrollHeight; top += Math.max(80, element.clientHeight * 0.8)) {
        element.scrollTop = top;
        await drawn();
        await drawn();
        read();
      }
    }
    return [...parts].join('\n');
  }, within);
}
