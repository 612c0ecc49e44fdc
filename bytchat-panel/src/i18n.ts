// Spanish comes with the panel, English when it is asked for.
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { withMany } from '@/lib/plurals';
import es from '@/locales/es';
import { type Language, usePreferences } from '@/store/preferences';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common';
    resources: typeof es;
  }
}

/** Ready in the language of the preferences, and follows them from then on. */
export async function startI18n(): Promise<void> {
  await i18next.use(initReactI18next).init({
    resources: { es: withMany(es) },
    lng: 'es',
    fallbackLng: 'es',
    defaultNS: 'common',
    ns: Object.keys(es),
    interpolation: { escapeValue: false },
  });
  await speak(usePreferences.getState().language);
  usePreferences.subscribe((now, before) => {
    if (now.language !== before.language) void speak(now.language);
  });
}

async function speak(language: Language): Promise<void> {
  if (language === 'en' && !i18next.hasResourceBundle('en', 'common')) {
    const { default: en } = await import('@/locales/en');
    for (const [namespace, words] of Object.entries(en)) i18next.addResourceBundle('en', namespace, words);
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}
