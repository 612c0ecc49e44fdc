// A change of embedding model: how far it is, or why it stopped. The bot goes on with the one in force.
import { CircleAlert, KeyRound, RotateCw, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { EmbeddingChange as Change, EmbeddingModel } from '@/api/types';
import { Button } from '@/components/ui/Button';
import { LinkButton } from '@/components/ui/LinkButton';
import { ProgressBar } from '@/components/ui/ProgressBar';
import { useProblemText } from '@/components/ui/problemText';
import { useFormat } from '@/components/ui/useFormat';

interface Props {
  change: Change;
  /** The one that it is to; null where nobody knows any more. */
  model: EmbeddingModel | null;
  inForce: EmbeddingModel;
  isBusy: boolean;
  onRetry: (model: EmbeddingModel) => void;
  onCancel: () => void;
}

export function EmbeddingChange(props: Props) {
  return props.change.error === null ? <UnderWay {...props} /> : <Stopped {...props} error={props.change.error} />;
}

function UnderWay({ change, model, inForce, isBusy, onCancel }: Props) {
  const { t } = useTranslation('bots');
  const format = useFormat();
  const { chunks, chunks_embedded: done } = change;
  const names = useNames(model, inForce);
  return (
    <div className="flex flex-col gap-3 rounded-xl border border-line bg-sunken p-4">
      <div>
        <p className="font-medium text-[15px]">{t('embedding.underWay', names)}</p>
        <p className="mt-0.5 text-muted text-sm leading-5">{t('embedding.meanwhile', names)}</p>
      </div>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <ProgressBar
          value={done}
          max={chunks === 0 ? null : chunks}
          label={t('embedding.underWay', names)}
          className="w-auto min-w-24 flex-1 bg-line-strong/40"
        />
        <span className="text-muted text-sm tabular-nums">
          {chunks === 0
            ? t('embedding.starting')
            : t('embedding.progress', { done: format.number(done), total: format.number(chunks) })}
        </span>
        <Button size="sm" icon={X} isBusy={isBusy} onClick={onCancel}>
          {t('embedding.cancel')}
        </Button>
      </div>
    </div>
  );
}

const OWN_WORDS = ['provider_key_missing', 'provider_key_invalid', 'quota_exceeded', 'too_many_attempts'] as const;

function Stopped({ model, inForce, isBusy, onRetry, onCancel, error }: Props & { error: string }) {
  const { t } = useTranslation('bots');
  const say = useProblemText();
  const known = OWN_WORDS.find((code) => code === error);
  const names = useNames(model, inForce);
  return (
    <div role="alert" className="flex flex-col gap-3 rounded-xl bg-danger-soft p-4">
      <div className="flex items-start gap-2.5">
        <CircleAlert aria-hidden className="mt-0.5 size-5 shrink-0 text-danger" />
        <div className="min-w-0">
          <p className="font-medium text-[15px] text-danger">
            {model ? t('embedding.failedTo', names) : t('embedding.failed')}
          </p>
          <p className="wrap-anywhere mt-0.5 text-sm leading-5">
            {known ? t(`embedding.error.${known}`, names) : say(error)} {t('embedding.stays', names)}
          </p>
        </div>
      </div>
      <div className="flex flex-wrap gap-2 sm:pl-7.5">
        {model && (
          <Button size="sm" icon={RotateCw} isBusy={isBusy} onClick={() => onRetry(model)}>
            {t('embedding.retry')}
          </Button>
        )}
        {error.startsWith('provider_key') && (
          <LinkButton to="/providers" size="sm" icon={KeyRound}>
            {t('embedding.keys')}
          </LinkButton>
        )}
        <Button size="sm" variant="ghost" disabled={isBusy} onClick={onCancel}>
          {t('embedding.dismiss')}
        </Button>
      </div>
    </div>
  );
}

function useNames(next: EmbeddingModel | null, inForce: EmbeddingModel) {
  const { t } = useTranslation('bots');
  const nameOf = (model: EmbeddingModel) => t(`embedding.models.${model}.name`);
  return { next: next ? nameOf(next) : t('embedding.other'), model: nameOf(inForce) };
}
