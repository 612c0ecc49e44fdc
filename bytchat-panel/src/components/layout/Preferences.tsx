// Language and theme, in small.
import { Monitor, Moon, Sun } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Segmented } from '@/components/ui/Segmented';
import { usePreferences } from '@/store/preferences';

const COMPACT = '[&_label]:px-2';

export function LanguageSwitch() {
  const { t } = useTranslation('common');
  const language = usePreferences((preferences) => preferences.language);
  const setLanguage = usePreferences((preferences) => preferences.setLanguage);
  return (
    <Segmented
      label={t('language.label')}
      value={language}
      onChange={setLanguage}
      className={COMPACT}
      options={[
        { value: 'es', label: 'ES', name: 'Español' },
        { value: 'en', label: 'EN', name: 'English' },
      ]}
    />
  );
}

export function ThemeSwitch() {
  const { t } = useTranslation('common');
  const theme = usePreferences((preferences) => preferences.theme);
  const setTheme = usePreferences((preferences) => preferences.setTheme);
  return (
    <Segmented
      label={t('theme.label')}
      value={theme}
      onChange={setTheme}
      className={COMPACT}
      options={[
        { value: 'light', label: '', name: t('theme.light'), icon: Sun },
        { value: 'dark', label: '', name: t('theme.dark'), icon: Moon },
        { value: 'system', label: '', name: t('theme.system'), icon: Monitor },
      ]}
    />
  );
}
