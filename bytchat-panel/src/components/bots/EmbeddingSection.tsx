// Which model makes the vectors that a bot's passages are found by, and the change from one to another.
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Problem } from '@/api/problem';
import type { Bot, EmbeddingModel } from '@/api/types';
import { ProblemText } from '@/components/ui/ProblemText';
import { EMBEDDING_MODELS, keyStateOf } from '@/lib/embeddings';
import { isReembedding, useChangeEmbeddingModel } from '@/queries/bots';
import { useProviders } from '@/queries/providers';
import { announce } from '@/store/announcer';
import { ChangeEmbedding } from './ChangeEmbedding';
import { EmbeddingChange } from './EmbeddingChange';
import { EmbeddingOption } from './EmbeddingOption';
import { SettingsSection } from './SettingsSection';

export function EmbeddingSection({ bot }: { bot: Bot }) {
  const { t } = useTranslation('bots');
  const { data: providers } = useProviders();
  const change = useChangeEmbeddingModel(bot.id);
  const [wanted, setWanted] = useState<EmbeddingModel | null>(null);
  const tried = useTriedModel(bot);
  useChangeNews(bot);
  const sayKey = useKeyWords();
  const start = (model: EmbeddingModel) => change.mutate(model, { onSuccess: () => setWanted(null) });
  const close = () => {
    if (change.isPending) return;
    change.reset();
    setWanted(null);
  };
  return (
    <SettingsSection title={t('embedding.title')} text={t('embedding.text')}>
      {bot.embedding_change && (
        <EmbeddingChange
          change={bot.embedding_change}
          model={tried}
          inForce={bot.embedding_model}
          isBusy={change.isPending}
          onRetry={start}
          onCancel={() => start(bot.embedding_model)}
        />
      )}
      <ul aria-label={t('embedding.title')} className="divide-y divide-line rounded-xl border border-line">
        {EMBEDDING_MODELS.map((model) => (
          <EmbeddingOption
            key={model}
            model={model}
            keyState={keyStateOf(model, providers)}
            isInForce={model === bot.embedding_model}
            isComing={isReembedding(bot) && model === bot.embedding_change?.embedding_model}
            onChoose={() => setWanted(model)}
          />
        ))}
      </ul>
      {change.error && wanted === null && <ProblemText error={sayKey(change.error)} />}
      {wanted && (
        <ChangeEmbedding
          bot={bot}
          model={wanted}
          isBusy={change.isPending}
          error={sayKey(change.error)}
          onConfirm={() => start(wanted)}
          onClose={close}
        />
      )}
    </SettingsSection>
  );
}

/** Which model the change is to, also after it was given up, when the API knows it no more. */
function useTriedModel({ embedding_change: change }: Bot): EmbeddingModel | null {
  const [tried, setTried] = useState<EmbeddingModel | null>(null);
  const next = change?.embedding_model ?? tried;
  if (next !== tried) setTried(next);
  return next;
}

/** A chat without a key has another way out than a search without one. */
function useKeyWords(): (error: unknown) => unknown {
  const { t } = useTranslation('bots');
  return (error) =>
    error instanceof Problem && error.code === 'provider_key_missing'
      ? { code: 'embedding_key_missing', detail: t('embedding.needsKey') }
      : error;
}

/** Tells those who do not see it that a change has come to its end. */
function useChangeNews(bot: Bot): void {
  const { t } = useTranslation('bots');
  const wasChanging = useRef(false);
  const isChanging = isReembedding(bot);
  const { embedding_model: model, embedding_change: change } = bot;
  useEffect(() => {
    if (wasChanging.current && !isChanging) {
      announce(
        change ? t('embedding.failed') : t('embedding.done', { model: t(`embedding.models.${model}.name`) }),
      );
    }
    wasChanging.current = isChanging;
  }, [isChanging, change, model, t]);
}
