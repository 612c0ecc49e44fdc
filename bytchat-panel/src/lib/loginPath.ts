// The way to the login and back: why one is there, and where one was.

/** Why nobody is logged in any more, where the login has a word to say about it. */
export type LeaveReason = 'expired' | 'deleted' | 'logout';

/** The login's address for somebody who was at `here` (path and query). Who left on purpose does not come back. */
export function loginPath(here: string, reason: LeaveReason | null): string {
  const said = new URLSearchParams();
  if (reason === 'expired' || reason === 'deleted') said.set('reason', reason);
  const comesBack = reason === null || reason === 'expired';
  if (comesBack && here !== '/' && safeNext(here) === here) said.set('next', here);
  const query = said.toString();
  return query ? `/login?${query}` : '/login';
}

/** A path of this panel, else `/`: a link to the login must not be able to lead elsewhere. */
export function safeNext(next: string | null): string {
  if (!next || !/^\/(?![/\\])/.test(next) || hasControlCharacter(next)) return '/';
  const here = new URL('http://panel.invalid');
  const there = URL.canParse(next, here) ? new URL(next, here) : here;
  return there.origin === here.origin && !isEntrance(there.pathname) ? next : '/';
}

// Browsers drop tabs and line ends from addresses, so that `/\t/evil` is `//evil`.
function hasControlCharacter(text: string): boolean {
  return [...text].some((character) => character < ' ');
}

function isEntrance(path: string): boolean {
  return path === '/login' || path === '/register';
}
