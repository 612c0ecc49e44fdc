// Whose keys answer, and what the models cost.
import { useTranslation } from 'react-i18next';
import { ModelCatalog } from '@/components/toolbox/ModelCatalog';
import { ProviderCards } from '@/components/toolbox/ProviderCards';
import { PageHeader } from '@/components/ui/PageHeader';
import { useTitle } from '@/components/ui/useTitle';
import { useProviders } from '@/queries/providers';

export default function ProvidersPage() {
  const { t } = useTranslation('toolbox');
  const { data: providers } = useProviders();
  useTitle(t('keys.title'));
  return (
    <>
      <PageHeader title={t('keys.title')} description={t('keys.description')} />
      <div className="space-y-10">
        <section aria-labelledby="providers" className="space-y-4">
          <header className="space-y-1">
            <h2 id="providers" className="text-lg font-semibold">
              {t('keys.cards')}
            </h2>
            <p className="text-sm text-muted">{t('keys.cardsText')}</p>
          </header>
          <ProviderCards />
        </section>
        {providers && <ModelCatalog providers={providers} />}
      </div>
    </>
  );
}
