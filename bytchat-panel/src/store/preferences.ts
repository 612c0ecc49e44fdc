// What this browser likes to see. It survives a logout, since it tells nothing of anybody.
import { create } from 'zustand';
import { persist } from 'zustand/middleware';

export const LANGUAGES = ['es', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];
export type Theme = 'system' | 'light' | 'dark';

interface Preferences {
  language: Language;
  theme: Theme;
  setLanguage: (language: Language) => void;
  setTheme: (theme: Theme) => void;
}

export const usePreferences = create<Preferences>()(
  persist(
    (set) => ({
      language: preferredLanguage(globalThis.navigator?.languages ?? []),
      theme: 'system',
      setLanguage: (language) => set({ language }),
      setTheme: (theme) => set({ theme }),
    }),
    { name: 'bytchat-preferences', partialize: ({ language, theme }) => ({ language, theme }) },
  ),
);

/** English for those whose browser asks for it before Spanish; Spanish for everybody else. */
export function preferredLanguage(languages: readonly string[]): Language {
  const known = languages.map((language) => language.slice(0, 2)).find((code) => code === 'es' || code === 'en');
  return known === 'en' ? 'en' : 'es';
}
