// A bot's fields, changed in place: what is saved, what is not, and nothing lost on the way.
import { Check, CircleDot } from 'lucide-react';
import { useEffect } from 'react';
import { type UseFormReturn, useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import type { Bot } from '@/api/types';
import { Button } from '@/components/ui/Button';
import { ProblemText } from '@/components/ui/ProblemText';
import { classes } from '@/lib/classes';
import { type BotFields, useChangeBot, useIsRemovingBot } from '@/queries/bots';
import { announce } from '@/store/announcer';
import { BotDescriptionField, BotNameField, BotPromptField } from './BotFieldset';
import { botResolver, changedFields, fieldsOf } from './botFields';
import { GroundingFields } from './GroundingFields';
import { PromptPresets, usePromptPresets } from './PromptPresets';
import { SettingsSection } from './SettingsSection';
import { UnsavedGuard } from './UnsavedGuard';
import { useOneAtATime } from './useOneAtATime';

export function BotForm({ bot }: { bot: Bot }) {
  const { t } = useTranslation('bots');
  const { form, change, submit, reset } = useBotForm(bot);
  const { choose, dialog } = usePromptPresets(form);
  const { isDirty } = form.formState;
  const isRemoving = useIsRemovingBot(bot.id);
  return (
    <>
      <form onSubmit={submit} noValidate className="flex flex-col gap-6">
        <SettingsSection title={t('settings.identity')} text={t('settings.identityText')}>
          <BotNameField form={form} />
          <BotDescriptionField form={form} />
        </SettingsSection>
        <SettingsSection title={t('settings.personality')} text={t('settings.personalityText')}>
          <PromptPresets onChoose={choose} />
          <BotPromptField form={form} className="min-h-60 max-h-[60vh]" />
        </SettingsSection>
        <SettingsSection title={t('grounding.title')} text={t('grounding.text')}>
          <GroundingFields botId={bot.id} form={form} />
        </SettingsSection>
        <div className="sticky bottom-0 z-10 -mx-1 flex flex-col gap-3 border-line border-t bg-page px-1 py-3">
          {change.isError && <ProblemText error={change.error} />}
          <div className="flex flex-wrap items-center justify-between gap-3">
            <SaveState isDirty={isDirty} isSaving={change.isPending} />
            <div className="flex flex-wrap gap-2">
              <Button onClick={reset} disabled={!isDirty || change.isPending}>
                {t('settings.reset')}
              </Button>
              <Button type="submit" variant="primary" disabled={!isDirty} isBusy={change.isPending}>
                {t('settings.save')}
              </Button>
            </div>
          </div>
        </div>
      </form>
      {dialog}
      <UnsavedGuard isDirty={isDirty} isNeedless={isRemoving} />
    </>
  );
}

function useBotForm(bot: Bot) {
  const { t } = useTranslation('bots');
  const form: UseFormReturn<BotFields> = useForm<BotFields>({
    resolver: botResolver,
    defaultValues: fieldsOf(bot),
  });
  const change = useChangeBot(bot.id);
  const changeOnce = useOneAtATime(change);
  const { isDirty } = form.formState;
  const saved = form.formState.defaultValues;
  useEffect(() => {
    // What another tab saved shows here, unless something is being written.
    if (!isDirty && !change.isPending) form.reset(fieldsOf(bot));
  }, [bot, isDirty, change.isPending, form]);
  const submit = form.handleSubmit((words) => {
    changeOnce(changedFields({ ...fieldsOf(bot), ...saved }, words), (answered) => {
      resetAround(form, fieldsOf(answered), words);
      announce(t('settings.saved'));
    });
  });
  const reset = () => {
    form.reset();
    change.reset();
  };
  return { form, change, submit, reset };
}

/** The form is as it was saved; what was typed since it was sent stays, and is not saved yet. */
function resetAround(form: UseFormReturn<BotFields>, saved: BotFields, sent: BotFields): void {
  const now = form.getValues();
  // The name is sent without the white space around it.
  const typed = changedFields(sent, { ...now, name: now.name.trim() });
  form.reset(saved);
  for (const [name, value] of Object.entries(typed)) {
    form.setValue(name as keyof BotFields, value, { shouldDirty: true });
  }
}

function SaveState({ isDirty, isSaving }: { isDirty: boolean; isSaving: boolean }) {
  const { t } = useTranslation('bots');
  const Icon = isDirty || isSaving ? CircleDot : Check;
  const words = isSaving ? t('settings.saving') : isDirty ? t('settings.unsaved') : t('settings.saved');
  return (
    <p className={classes('flex items-center gap-1.5 text-sm', isDirty ? 'text-warn' : 'text-muted')}>
      <Icon aria-hidden className="size-4 shrink-0" />
      {words}
    </p>
  );
}
