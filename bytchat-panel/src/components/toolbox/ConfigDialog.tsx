// Adds a model to the toolbox, or changes one.
import { zodResolver } from '@hookform/resolvers/zod';
import { useId, useState } from 'react';
import { FormProvider, useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import type { Bot, ModelConfig } from '@/api/types';
import { Button } from '@/components/ui/Button';
import { Dialog } from '@/components/ui/Dialog';
import { ProblemText } from '@/components/ui/ProblemText';
import { useProviders } from '@/queries/providers';
import { useAddConfig, useChangeConfig } from '@/queries/toolbox';
import { useToasts } from '@/store/toasts';
import { bodyOf, type ConfigForm, configSchema, isTaken, startingForm } from './configForm';
import { ModelFields } from './ModelFields';
import { TaskTypeFields } from './TaskTypeFields';

interface ConfigDialogProps {
  bot: Bot;
  /** The config to change; null adds one. */
  config: ModelConfig | null;
  onClose: () => void;
}

export function ConfigDialog({ bot, config, onClose }: ConfigDialogProps) {
  const { t } = useTranslation('toolbox');
  const formId = useId();
  // The configs as they were when it was opened: the one that is being added shows in the bot at once.
  const [configs] = useState(bot.configs);
  const { data: providers } = useProviders();
  const form = useForm<ConfigForm>({
    resolver: zodResolver(configSchema),
    defaultValues: startingForm(config, configs, providers),
  });
  const { save, isBusy, error } = useSaveConfig(bot.id, config, onClose);

  const submit = form.handleSubmit((values) => {
    if (isBusy) return;
    const body = bodyOf(values);
    if (isTaken(body, configs, config?.id))
      return form.setError('modelId', { message: 'exists' }, { shouldFocus: true });
    save(body);
  });
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={config ? t('form.changeTitle') : t('form.addTitle')}
      description={t('form.text')}
      footer={
        <>
          <Button variant="secondary" onClick={onClose}>
            {t('form.cancel')}
          </Button>
          <Button variant="primary" type="submit" form={formId} isBusy={isBusy}>
            {config ? t('form.save') : t('add')}
          </Button>
        </>
      }
    >
      <FormProvider {...form}>
        <form id={formId} onSubmit={submit} noValidate className="flex flex-col gap-5">
          <ModelFields providers={providers} />
          <TaskTypeFields configs={configs} isNew={config === null} />
          {error && <ProblemText error={error} />}
        </form>
      </FormProvider>
    </Dialog>
  );
}

function useSaveConfig(botId: string, config: ModelConfig | null, onSaved: () => void) {
  const { t } = useTranslation('toolbox');
  const add = useAddConfig(botId);
  const change = useChangeConfig(botId);
  const show = useToasts((toasts) => toasts.show);
  const save = (body: ReturnType<typeof bodyOf>) => {
    const onSuccess = () => {
      show('ok', t('form.done', { model: body.model_id }));
      onSaved();
    };
    if (config) change.mutate({ config, change: body }, { onSuccess });
    else add.mutate(body, { onSuccess });
  };
  return { save, isBusy: add.isPending || change.isPending, error: add.error ?? change.error };
}
