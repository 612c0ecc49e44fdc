// The fields of a bot's words, the same where it is made and where it is changed.
import type { UseFormReturn } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { Field } from '@/components/ui/Field';
import { Input } from '@/components/ui/Input';
import { Textarea } from '@/components/ui/Textarea';
import { useFormat } from '@/components/ui/useFormat';
import { classes } from '@/lib/classes';
import type { BotWords } from '@/queries/bots';
import { charactersIn, faultOf, MAX_PROMPT } from './botFields';

interface FieldProps {
  form: UseFormReturn<BotWords>;
}

export function BotNameField({ form }: FieldProps) {
  const { t } = useTranslation('bots');
  return (
    <Field label={t('form.name')} {...useFault(form, 'name')}>
      {(control) => (
        <Input
          {...control}
          {...form.register('name')}
          autoComplete="off"
          required
          placeholder={t('form.namePlaceholder')}
        />
      )}
    </Field>
  );
}

export function BotDescriptionField({ form }: FieldProps) {
  const { t } = useTranslation('bots');
  return (
    <Field
      label={t('form.description')}
      hint={t('form.descriptionHint')}
      isOptional
      {...useFault(form, 'description')}
    >
      {(control) => <Textarea {...control} {...form.register('description')} isAutoGrowing className="min-h-18" />}
    </Field>
  );
}

export function BotPromptField({ form, className }: FieldProps & { className: string }) {
  const { t } = useTranslation('bots');
  return (
    <div>
      <Field label={t('form.prompt')} hint={t('form.promptHint')} isOptional {...useFault(form, 'system_prompt')}>
        {(control) => (
          <Textarea
            {...control}
            {...form.register('system_prompt')}
            isAutoGrowing
            className={className}
            placeholder={t('form.promptPlaceholder')}
          />
        )}
      </Field>
      <PromptCounter form={form} />
    </div>
  );
}

function PromptCounter({ form }: FieldProps) {
  const { t } = useTranslation('bots');
  const format = useFormat();
  const used = charactersIn(form.watch('system_prompt'));
  const isTooLong = used > MAX_PROMPT;
  return (
    <p
      className={classes(
        'relative mt-1.5 text-right text-xs tabular-nums',
        isTooLong ? 'text-danger' : 'text-muted',
      )}
    >
      <span aria-hidden="true">
        {format.number(used)}/{format.number(MAX_PROMPT)}
      </span>
      <span className="sr-only">
        {t('form.characters', { used: format.number(used), limit: format.number(MAX_PROMPT) })}
      </span>
    </p>
  );
}

function useFault(form: UseFormReturn<BotWords>, name: keyof BotWords): { error?: string } {
  const { t } = useTranslation('bots');
  const fault = faultOf(form.formState.errors[name]?.message);
  return fault ? { error: t(`faults.${fault}`) } : {};
}
