// Who is logged in. The token alone is kept in localStorage; leaving clears it here, and the page is then loaded anew.
import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import { api, callHeaders, connectCredentials, unwrap } from '@/api/client';
import type { User } from '@/api/types';
import type { LeaveReason } from '@/lib/loginPath';
import { usePreferences } from './preferences';

/** `checking`: there is a token, and nobody has asked yet whether it still counts. */
export type SessionStatus = 'checking' | 'in' | 'out' | 'unreachable';

interface Session {
  token: string | null;
  user: User | null;
  status: SessionStatus;
  /** Why nobody is logged in, where there is something to say. */
  leftBecause: LeaveReason | null;
  logIn: (email: string, password: string) => Promise<void>;
  register: (email: string, password: string) => Promise<void>;
  /** Ask the API once whether the stored token still counts. */
  check: () => Promise<void>;
  logOut: () => Promise<void>;
  /** The session is over on the server already: forget it here. */
  end: (reason: LeaveReason) => void;
}

/** A server that does not answer must not keep anybody logged in here. */
const REVOKE_TIMEOUT_MS = 3000;

const NOBODY = { token: null, user: null, status: 'out' } as const;

export const useSession = create<Session>()(
  persist(
    (set, get) => ({
      ...NOBODY,
      leftBecause: null,

      async logIn(email, password) {
        const { access_token: token } = await unwrap(
          api.POST('/token', {
            body: { username: email, password },
            headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
          }),
        );
        const user = await unwrap(api.GET('/users/me', { headers: callHeaders(token) }));
        set({ token, user, status: 'in', leftBecause: null });
      },

      async register(email, password) {
        await unwrap(api.POST('/users/', { body: { email, password } }));
        await get().logIn(email, password);
      },

      async check() {
        const { token } = get();
        if (token === null) return;
        const isStillAsked = () => get().token === token;
        set({ status: 'checking' });
        try {
          const user = await unwrap(api.GET('/users/me'));
          if (isStillAsked()) set({ user, status: 'in' });
        } catch {
          // A refused token has already ended the session; anything else says nothing about it.
          if (isStillAsked()) set({ status: 'unreachable' });
        }
      },

      async logOut() {
        // The server's side first: the token must be dead even if this tab is closed at once.
        const signal = AbortSignal.timeout(REVOKE_TIMEOUT_MS);
        await unwrap(api.POST('/token/revoke', { keepalive: true, signal })).catch(() => {});
        get().end('logout');
      },

      end(reason) {
        set({ ...NOBODY, leftBecause: reason });
        useSession.persist.clearStorage();
      },
    }),
    {
      name: 'bytchat-session',
      partialize: ({ token }) => ({ token }),
      merge: (stored, session) => {
        const token = (stored as { token?: string | null } | undefined)?.token ?? null;
        return { ...session, token, status: token ? 'checking' : 'out' };
      },
    },
  ),
);

connectCredentials({
  token: () => useSession.getState().token,
  language: () => usePreferences.getState().language,
  refused: (token) => {
    const session = useSession.getState();
    if (session.token === token) session.end('expired');
  },
});

/** Follow what other tabs do: a logout there is a logout here. */
export function followOtherTabs(): void {
  window.addEventListener('storage', ({ key }) => {
    if (key === 'bytchat-session' || key === null) followStorage();
  });
  // A page that comes back out of memory has slept through what happened.
  window.addEventListener('pageshow', ({ persisted }) => {
    if (persisted) followStorage();
  });
}

function followStorage(): void {
  const before = useSession.getState();
  void useSession.persist.rehydrate();
  const after = useSession.getState();
  if (before.token && !after.token) useSession.setState({ ...NOBODY, leftBecause: 'logout' });
  else if (after.token && after.token !== before.token) void after.check();
  else useSession.setState({ status: before.status });
}
