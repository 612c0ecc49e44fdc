// Says what a change of embedding model does and costs before it is begun.
import { useTranslation } from 'react-i18next';
import type { Bot, EmbeddingModel } from '@/api/types';
import { ConfirmDialog } from '@/components/ui/ConfirmDialog';
import { useFormat } from '@/components/ui/useFormat';
import { embeddingCost } from '@/lib/embeddings';
import { useDocuments } from '@/queries/documents';

/** In millionths of a dollar. */
const CENT = 10_000;

interface Props {
  bot: Bot;
  model: EmbeddingModel;
  isBusy: boolean;
  error: unknown;
  onConfirm: () => void;
  onClose: () => void;
}

export function ChangeEmbedding({ bot, model, ...rest }: Props) {
  const { t } = useTranslation('bots');
  const name = t(`embedding.models.${model}.name`);
  return (
    <ConfirmDialog
      isOpen
      tone="primary"
      title={t('embedding.confirmTitle', { name })}
      description={<Consequences botId={bot.id} model={model} />}
      confirmLabel={t('embedding.confirm')}
      {...rest}
    />
  );
}

function Consequences({ botId, model }: { botId: string; model: EmbeddingModel }) {
  const { t } = useTranslation('bots');
  const format = useFormat();
  const { data: documents } = useDocuments(botId);
  const count = documents?.length ?? 0;
  const cost = embeddingCost(model, documents?.reduce((sum, { characters }) => sum + characters, 0) ?? 0);
  return (
    <span className="flex flex-col gap-2">
      <span>
        {documents === undefined && t('embedding.again')}
        {documents && count === 0 && t('embedding.againNone')}
        {count > 0 && t('embedding.againCount', { count, formatted: format.number(count) })}
      </span>
      {model !== 'local' && (
        <span>
          {t('embedding.leaves', { name: t(`embedding.models.${model}.name`) })}{' '}
          {cost >= CENT && t('embedding.cost', { cost: format.money(cost) })}
          {cost > 0 && cost < CENT && t('embedding.costUnder', { cost: format.money(CENT) })}
        </span>
      )}
    </span>
  );
}
