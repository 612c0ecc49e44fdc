// What a model reads and costs, in one quiet line.
import { useTranslation } from 'react-i18next';
import type { ProviderModel } from '@/api/types';
import { priceOf, tokensText } from '@/lib/prices';

export function ModelFacts({ model }: { model: ProviderModel | undefined }) {
  const { t, i18n } = useTranslation('toolbox');
  const price = priceOf(model, i18n.language);
  const tokens = tokensText(model?.context_tokens ?? null, i18n.language);
  return (
    <>
      {tokens && <span>{t('context', { tokens })}</span>}
      <span>{price.kind === 'known' ? t('price.known', price) : t(`price.${price.kind}`)}</span>
    </>
  );
}
