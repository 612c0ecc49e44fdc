// Who answers: a provider and one of its models.
import { useController, useFormContext } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import type { Provider, ProviderModel, ProviderName } from '@/api/types';
import { Field } from '@/components/ui/Field';
import { EXTRACTIVE } from '@/lib/toolboxOrder';
import type { ConfigForm } from './configForm';
import { ModelCombobox } from './ModelCombobox';
import { ModelFacts } from './ModelFacts';
import { ProviderChoice } from './ProviderChoice';
import { findModel, findProvider } from './toolbox';
import { useFormErrors } from './useFormErrors';

export function ModelFields({ providers }: { providers: readonly Provider[] | undefined }) {
  const { t } = useTranslation('toolbox');
  const errorOf = useFormErrors();
  const { setValue, clearErrors } = useFormContext<ConfigForm>();
  const { field: provider } = useController<ConfigForm, 'provider'>({ name: 'provider' });
  const {
    field: { ref, ...model },
  } = useController<ConfigForm, 'modelId'>({ name: 'modelId' });

  const chosen = findModel({ provider: provider.value, model_id: model.value.trim() }, providers);

  const chooseProvider = (next: ProviderName) => {
    const isLeft = chosen !== undefined || model.value.trim() === '';
    provider.onChange(next);
    clearErrors('modelId');
    // An id that was typed is kept; one of the list belongs to the provider that was left.
    if (isLeft) setValue('modelId', next === 'local' ? EXTRACTIVE : '');
  };
  return (
    <>
      <ProviderChoice value={provider.value} onChange={chooseProvider} providers={providers} />
      <Field
        label={t('form.model')}
        hint={<ModelHint provider={provider.value} model={chosen} />}
        error={errorOf('modelId')}
      >
        {(control) => (
          <ModelCombobox
            {...control}
            {...model}
            inputRef={ref}
            provider={provider.value}
            models={findProvider(provider.value, providers)?.models ?? []}
          />
        )}
      </Field>
    </>
  );
}

function ModelHint({ provider, model }: { provider: ProviderName; model: ProviderModel | undefined }) {
  const { t } = useTranslation('toolbox');
  if (provider === 'local') return model ? t('extractive') : t('form.localHint');
  if (!model) return t('form.modelHint');
  return (
    <span className="flex flex-wrap gap-x-3">
      <ModelFacts model={model} />
    </span>
  );
}
