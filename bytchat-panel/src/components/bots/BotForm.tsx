// A bot's words, changed in place: what is saved, what is not, and nothing lost on the way.
import { Check, CircleDot } from 'lucide-react';
import { type ReactNode, useEffect } from 'react';
import { type UseFormReturn, useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import type { Bot } from '@/api/types';
import { Button } from '@/components/ui/Button';
import { Card } from '@/components/ui/Card';
import { ProblemText } from '@/components/ui/ProblemText';
import { classes } from '@/lib/classes';
import { type BotWords, useChangeBot, useIsRemovingBot } from '@/queries/bots';
import { announce } from '@/store/announcer';
import { BotDescriptionField, BotNameField, BotPromptField } from './BotFieldset';
import { botResolver, changedWords, wordsOf } from './botFields';
import { PromptPresets, usePromptPresets } from './PromptPresets';
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
        <Section title={t('settings.identity')} text={t('settings.identityText')}>
          <BotNameField form={form} />
          <BotDescriptionField form={form} />
        </Section>
        <Section title={t('settings.personality')} text={t('settings.personalityText')}>
          <PromptPresets onChoose={choose} />
          <BotPromptField form={form} className="min-h-60 max-h-[60vh]" />
        </Section>
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
  const form: UseFormReturn<BotWords> = useForm<BotWords>({ resolver: botResolver, defaultValues: wordsOf(bot) });
  const change = useChangeBot(bot.id);
  const changeOnce = useOneAtATime(change);
  const { isDirty } = form.formState;
  const saved = form.formState.defaultValues;
  useEffect(() => {
    // What another tab saved shows here, unless something is being written.
    if (!isDirty && !change.isPending) form.reset(wordsOf(bot));
  }, [bot, isDirty, change.isPending, form]);
  const submit = form.handleSubmit((words) => {
    changeOnce(changedWords({ ...wordsOf(bot), ...saved }, words), (answered) => {
      resetAround(form, wordsOf(answered), words);
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
function resetAround(form: UseFormReturn<BotWords>, saved: BotWords, sent: BotWords): void {
  const now = form.getValues();
  // The name is sent without the white space around it.
  const typed = changedWords(sent, { ...now, name: now.name.trim() });
  form.reset(saved);
  for (const [name, text] of Object.entries(typed)) {
    form.setValue(name as keyof BotWords, text, { shouldDirty: true });
  }
}

function Section({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  return (
    <Card className="grid gap-x-10 gap-y-5 p-5 sm:p-6 lg:grid-cols-[15rem_1fr]">
      <div>
        <h2 className="font-semibold text-base">{title}</h2>
        <p className="mt-1 text-muted text-sm">{text}</p>
      </div>
      <div className="flex min-w-0 flex-col gap-5">{children}</div>
    </Card>
  );
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
