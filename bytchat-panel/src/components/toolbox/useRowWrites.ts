// What changes in the toolbox without a dialog: it shows at once, and says how it went also to who has left the page.
import { useTranslation } from 'react-i18next';
import type { ModelConfig } from '@/api/types';
import { useProblemText } from '@/components/ui/problemText';
import { useMakeFirst, useRemoveConfig } from '@/queries/toolbox';
import { useToasts } from '@/store/toasts';

export function useRowWrites(botId: string) {
  const { t } = useTranslation('toolbox');
  const say = useProblemText();
  const show = useToasts((toasts) => toasts.show);
  const { mutateAsync: remove } = useRemoveConfig(botId);
  const { mutateAsync: makeFirst } = useMakeFirst(botId);
  const tell = (write: Promise<unknown>, done: string) =>
    void write.then(
      () => show('ok', done),
      (error: unknown) => show('danger', say(error)),
    );
  return {
    remove: (config: ModelConfig) => tell(remove(config), t('remove.done', { model: config.model_id })),
    makeFirst: (config: ModelConfig) => tell(makeFirst(config), t('row.madeFirst', { model: config.model_id })),
  };
}
