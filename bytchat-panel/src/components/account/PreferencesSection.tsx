// Language and theme of this browser, with their full names.
import { Monitor, Moon, Sun } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Segmented } from '@/components/ui/Segmented';
import { usePreferences } from '@/store/preferences';
import { Section } from './Section';

export function PreferencesSection() {
  const { t } = useTranslation(['account', 'common']);
  const { language, theme, setLanguage, setTheme } = usePreferences();
  return (
    <Section title={t('preferences.title')} text={t('preferences.text')}>
      <div className="flex flex-col items-start gap-5">
        <Choice name={t('common:language.label')}>
          <Segmented
            label={t('common:language.label')}
            value={language}
            onChange={setLanguage}
            options={[
              { value: 'es', label: 'Español' },
              { value: 'en', label: 'English' },
            ]}
          />
        </Choice>
        <Choice name={t('common:theme.label')}>
          <Segmented
            label={t('common:theme.label')}
            value={theme}
            onChange={setTheme}
            options={[
              { value: 'light', label: t('common:theme.light'), icon: Sun },
              { value: 'dark', label: t('common:theme.dark'), icon: Moon },
              { value: 'system', label: t('preferences.system'), icon: Monitor },
            ]}
          />
        </Choice>
      </div>
    </Section>
  );
}

function Choice({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div className="flex max-w-full flex-col items-start gap-1.5">
      <span aria-hidden className="font-medium text-sm">
        {name}
      </span>
      {children}
    </div>
  );
}
