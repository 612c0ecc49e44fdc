// A copy of all that is in the account.
import { useTranslation } from 'react-i18next';
import { ExportButton } from './ExportButton';
import { Section } from './Section';

export function ExportSection() {
  const { t } = useTranslation('account');
  return (
    <Section title={t('export.title')} text={t('export.text')}>
      <ExportButton />
      <p className="mt-3 max-w-prose text-pretty text-muted text-sm leading-6">{t('export.holds')}</p>
    </Section>
  );
}
