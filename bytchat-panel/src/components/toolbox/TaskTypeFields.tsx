// For which questions: a task type of the toolbox, or a new one with its name and what it is for.
import { useController, useFormContext, useWatch } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import type { ModelConfig } from '@/api/types';
import { Field } from '@/components/ui/Field';
import { Input } from '@/components/ui/Input';
import { Select } from '@/components/ui/Select';
import { Textarea } from '@/components/ui/Textarea';
import {
  COMPLEX,
  descriptionOf,
  GENERAL,
  groupByTaskType,
  isOwnType,
  MAX_DESCRIPTION,
  slugOf,
} from '@/lib/taskTypes';
import { hasReserve } from '@/lib/toolboxOrder';
import { bodyOf, type ConfigForm, NEW_TYPE } from './configForm';
import { useFormErrors } from './useFormErrors';

interface TaskTypeFieldsProps {
  configs: readonly ModelConfig[];
  isNew: boolean;
}

export function TaskTypeFields({ configs, isNew }: TaskTypeFieldsProps) {
  const { t } = useTranslation('toolbox');
  const { setValue } = useFormContext<ConfigForm>();
  const { field } = useController<ConfigForm, 'taskType'>({ name: 'taskType' });
  const own = groupByTaskType(configs)
    .map(({ taskType }) => taskType)
    .filter(isOwnType);
  const goesBeforeExtractive = useHasReserve(configs) && isNew;
  const choose = (taskType: string) => {
    field.onChange(taskType);
    setValue('description', descriptionOf(taskType, configs));
  };
  return (
    <>
      <Field label={t('form.taskType')} hint={goesBeforeExtractive ? t('form.beforeExtractive') : undefined}>
        {(control) => (
          <Select {...control} {...field} onChange={(event) => choose(event.target.value)}>
            <option value={GENERAL}>{t('form.typeGeneral')}</option>
            <option value={COMPLEX}>{t('form.typeComplex')}</option>
            {own.map((taskType) => (
              <option key={taskType}>{taskType}</option>
            ))}
            <option value={NEW_TYPE}>{t('form.typeNew')}</option>
          </Select>
        )}
      </Field>
      {field.value === NEW_TYPE && <NewTypeField />}
      {isOwnType(field.value) && <DescriptionField />}
    </>
  );
}

/** Whether the model that is being added goes before the extractive one. */
function useHasReserve(configs: readonly ModelConfig[]): boolean {
  const { getValues } = useFormContext<ConfigForm>();
  const [provider, modelId, taskType] = useWatch<ConfigForm, ['provider', 'modelId', 'taskType']>({
    name: ['provider', 'modelId', 'taskType'],
  });
  return hasReserve(bodyOf({ ...getValues(), provider, modelId, taskType }), configs);
}

function NewTypeField() {
  const { t } = useTranslation('toolbox');
  const { register } = useFormContext<ConfigForm>();
  const errorOf = useFormErrors();
  const slug = slugOf(useWatch<ConfigForm, 'newType'>({ name: 'newType' }));
  return (
    <Field
      label={t('form.newType')}
      hint={slug ? t('form.newTypeSlug', { slug }) : t('form.newTypeHint')}
      error={errorOf('newType')}
    >
      {(control) => <Input {...control} {...register('newType')} maxLength={60} autoComplete="off" />}
    </Field>
  );
}

function DescriptionField() {
  const { t } = useTranslation('toolbox');
  const { register } = useFormContext<ConfigForm>();
  const errorOf = useFormErrors();
  const used = useWatch<ConfigForm, 'description'>({ name: 'description' }).length;
  return (
    <Field
      label={t('form.descriptionLabel')}
      hint={`${t('form.descriptionHint')} ${t('form.left', { used, most: MAX_DESCRIPTION })}`}
      error={errorOf('description')}
      isOptional
    >
      {(control) => <Textarea {...control} {...register('description')} rows={2} maxLength={MAX_DESCRIPTION} />}
    </Field>
  );
}
