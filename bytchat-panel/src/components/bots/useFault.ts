// What is wrong with a field of a bot's form, in the reader's words.
import type { UseFormReturn } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import type { BotFields } from '@/queries/bots';
import { faultOf } from './botFields';

export function useFault(form: UseFormReturn<BotFields>, name: keyof BotFields): { error?: string } {
  const { t } = useTranslation('bots');
  const fault = faultOf(form.formState.errors[name]?.message);
  return fault ? { error: t(`faults.${fault}`) } : {};
}
