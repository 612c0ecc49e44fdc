// Which page an address belongs to, and how the layout draws it.

/** The same for addresses between which one stays on the page: a conversation gets its id without a jump. */
export function sectionOf(pathname: string): string {
  return pathname.replace(/^(\/bots\/[^/]+\/chat)(\/.*)?$/, '$1').replace(/\/$/, '') || '/';
}

/** Whether the page fills the height and scrolls by itself, instead of lying in the layout's column. */
export function fillsHeight(pathname: string): boolean {
  return /^\/bots\/[^/]+\/(chat(\/|$)|documents\/(?!search$)[^/]+$)/.test(pathname);
}

export function isInsideBot(pathname: string): boolean {
  return /^\/bots\/[^/]+/.test(pathname);
}
