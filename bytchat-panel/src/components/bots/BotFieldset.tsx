// The fields of a bot's words, the same where it is made and where it is changed.
import type { UseFormReturn } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { Field } from '@/components/ui/Field';
import { Input } from '@/components/ui/Input';
import { Textarea } from '@/components/ui/Textarea';
import type { BotFields } from '@/queries/bots';
import { charactersIn, MAX_PROMPT } from './botFields';
import { Counter } from './Counter';
import { useFault } from './useFault';

interface FieldProps {
  form: UseFormReturn<BotFields>;
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
      <Counter used={charactersIn(form.watch('system_prompt'))} limit={MAX_PROMPT} />
    </div>
  );
}
