// What is wrong with a field of the model's form, in the language of the panel.
import { useFormContext } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { MAX_DESCRIPTION } from '@/lib/taskTypes';
import type toolbox from '@/locales/es/toolbox.json';
import type { ConfigForm } from './configForm';

type ErrorKey = keyof typeof toolbox.form.errors;

export function useFormErrors(): (name: keyof ConfigForm) => string | undefined {
  const { t } = useTranslation('toolbox');
  const { errors } = useFormContext<ConfigForm>().formState;
  return (name) => {
    const key = errors[name]?.message as ErrorKey | undefined;
    return key && t(`form.errors.${key}`, { most: MAX_DESCRIPTION });
  };
}
