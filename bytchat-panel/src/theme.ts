// Puts the preferred theme on the document; `public/theme.js` does so before the first paint.
import { type Theme, usePreferences } from '@/store/preferences';

const systemIsDark = () => window.matchMedia('(prefers-color-scheme: dark)');

export function followTheme(): void {
  const show = (theme: Theme) => {
    const isDark = theme === 'dark' || (theme === 'system' && systemIsDark().matches);
    document.documentElement.dataset.theme = isDark ? 'dark' : 'light';
  };
  show(usePreferences.getState().theme);
  usePreferences.subscribe(({ theme }) => show(theme));
  systemIsDark().addEventListener('change', () => show(usePreferences.getState().theme));
}
