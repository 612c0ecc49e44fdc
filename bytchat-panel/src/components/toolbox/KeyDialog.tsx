// Takes an own key for a provider. The key is held by its input alone, and goes with it.
import { zodResolver } from '@hookform/resolvers/zod';
import { useEffect, useId } from 'react';
import { useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import type { ProviderName } from '@/api/types';
import { Button } from '@/components/ui/Button';
import { Dialog } from '@/components/ui/Dialog';
import { Field } from '@/components/ui/Field';
import { Input } from '@/components/ui/Input';
import { useSaveKey } from '@/queries/providers';
import { useToasts } from '@/store/toasts';
import { KeyProblem } from './KeyProblem';
import { type KeyForm, keySchema } from './keyForm';

export type Vendor = Exclude<ProviderName, 'local'>;

interface KeyDialogProps {
  provider: Vendor;
  onClose: () => void;
}

export function KeyDialog({ provider, onClose }: KeyDialogProps) {
  const { t } = useTranslation('toolbox');
  const formId = useId();
  const { form, send, saving } = useKeyForm(provider, onClose);
  const problem = form.formState.errors.key?.message as 'short' | 'long' | 'characters' | undefined;
  return (
    <Dialog
      isOpen
      size="sm"
      onClose={onClose}
      title={t('key.title', { provider: t(`provider.${provider}`) })}
      description={t('key.text')}
      footer={
        <>
          <Button variant="secondary" onClick={onClose}>
            {t('key.cancel')}
          </Button>
          <Button variant="primary" type="submit" form={formId} isBusy={saving.isPending}>
            {saving.isPending ? t('key.checking') : t('key.save')}
          </Button>
        </>
      }
    >
      <form
        id={formId}
        noValidate
        autoComplete="off"
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          send(false);
        }}
      >
        <Field
          label={t('key.label')}
          hint={provider === 'google' ? t('key.whereGoogle') : t('key.whereOpenai')}
          error={problem && t(`key.errors.${problem}`)}
        >
          {(control) => (
            <Input
              {...control}
              {...form.register('key')}
              type="password"
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              data-autofocus
              data-1p-ignore
              data-lpignore="true"
            />
          )}
        </Field>
        {saving.error && <KeyProblem error={saving.error} provider={provider} onSaveUnchecked={() => send(true)} />}
      </form>
    </Dialog>
  );
}

function useKeyForm(provider: Vendor, onSaved: () => void) {
  const { t } = useTranslation('toolbox');
  const show = useToasts((toasts) => toasts.show);
  const saving = useSaveKey();
  const form = useForm<KeyForm>({ resolver: zodResolver(keySchema), defaultValues: { key: '' } });
  const { reset } = form;
  useEffect(() => () => reset({ key: '' }), [reset]);

  const send = (isUnchecked: boolean) => {
    if (saving.isPending) return;
    void form.handleSubmit(() => {
      const readKey = () => form.getValues('key').trim();
      const onSuccess = () => {
        show('ok', t('key.saved', { provider: t(`provider.${provider}`) }));
        onSaved();
      };
      saving.mutate({ provider, readKey, isUnchecked }, { onSuccess });
    })();
  };
  return { form, send, saving };
}
