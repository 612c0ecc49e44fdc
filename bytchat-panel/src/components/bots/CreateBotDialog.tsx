// A bot in one short step: its name is enough, and then one can talk to it.
import { ChevronRight } from 'lucide-react';
import { useId } from 'react';
import { type UseFormReturn, useForm } from 'react-hook-form';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { QuotaNotice } from '@/components/account/QuotaNotice';
import { Button } from '@/components/ui/Button';
import { Dialog } from '@/components/ui/Dialog';
import { ProblemText } from '@/components/ui/ProblemText';
import { type BotFields, useCreateBot } from '@/queries/bots';
import { BotDescriptionField, BotNameField, BotPromptField } from './BotFieldset';
import { botResolver, NEW_BOT } from './botFields';
import { useOneAtATime } from './useOneAtATime';

interface CreateBotDialogProps {
  isOpen: boolean;
  onClose: () => void;
}

export function CreateBotDialog({ isOpen, onClose }: CreateBotDialogProps) {
  const { t } = useTranslation('bots');
  const formId = useId();
  // Kept out here, so that what was typed is still there when the dialog opens again.
  const form = useForm<BotFields>({ resolver: botResolver, defaultValues: NEW_BOT });
  const { create, submit } = useSubmit(form, onClose);
  const close = () => {
    if (create.isPending) return;
    create.reset();
    onClose();
  };
  return (
    <Dialog
      isOpen={isOpen}
      onClose={close}
      title={t('create.title')}
      description={t('create.description')}
      footer={
        <>
          <Button onClick={close}>{t('create.cancel')}</Button>
          <Button variant="primary" type="submit" form={formId} isBusy={create.isPending}>
            {t('create.submit')}
          </Button>
        </>
      }
    >
      {!create.isError && <QuotaNotice of={['bots']} className="mb-5" />}
      <form id={formId} onSubmit={submit} noValidate className="flex flex-col gap-5">
        <BotNameField form={form} />
        <BotDescriptionField form={form} />
        <details className="group" open={form.formState.errors.system_prompt ? true : undefined}>
          <summary className="flex min-h-8 w-fit list-none items-center gap-1 rounded text-sm font-medium text-muted hover:text-ink">
            <ChevronRight aria-hidden="true" className="size-4 transition-transform group-open:rotate-90" />
            {t('create.more')}
          </summary>
          <div className="mt-3">
            <BotPromptField form={form} className="min-h-32" />
          </div>
        </details>
        {create.isError && <ProblemText error={create.error} />}
      </form>
    </Dialog>
  );
}

function useSubmit(form: UseFormReturn<BotFields>, onClose: () => void) {
  const navigate = useNavigate();
  const create = useCreateBot();
  const createOnce = useOneAtATime(create);
  const submit = form.handleSubmit((words) =>
    createOnce(words, (bot) => {
      form.reset(NEW_BOT);
      onClose();
      void navigate(`/bots/${bot.id}`);
    }),
  );
  return { create, submit };
}
