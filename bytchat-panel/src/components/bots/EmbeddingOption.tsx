// One of the models that passages can be found with: what it costs, what it needs, and the way to it.
import { CircleCheck, KeyRound, LoaderCircle } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { EmbeddingModel } from '@/api/types';
import { Badge } from '@/components/ui/Badge';
import { Button } from '@/components/ui/Button';
import { LinkButton } from '@/components/ui/LinkButton';
import { type KeyState, MODEL_IDS, USD_PER_MTOK } from '@/lib/embeddings';
import { usdText } from '@/lib/prices';

interface Props {
  model: EmbeddingModel;
  keyState: KeyState;
  isInForce: boolean;
  /** Its vectors are being made. */
  isComing: boolean;
  onChoose: () => void;
}

export function EmbeddingOption({ model, keyState, isInForce, isComing, onChoose }: Props) {
  const { t, i18n } = useTranslation('bots');
  const name = t(`embedding.models.${model}.name`);
  const price = usdText(USD_PER_MTOK[model], i18n.language);
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-3 p-4">
      <div className="min-w-0 flex-1 basis-64">
        <p className="flex flex-wrap items-baseline gap-x-2 font-medium text-[15px]">
          {name}
          <span className="wrap-anywhere font-normal text-muted text-sm">{MODEL_IDS[model]}</span>
        </p>
        <p className="mt-0.5 text-pretty text-muted text-sm leading-5">
          {t(`embedding.models.${model}.text`)} {model !== 'local' && t('embedding.price', { price })}{' '}
          <KeyWords model={model} keyState={keyState} />
        </p>
      </div>
      {isInForce && (
        <Badge tone="ok" icon={CircleCheck}>
          {t('embedding.inForce')}
        </Badge>
      )}
      {isComing && (
        <Badge tone="accent" icon={LoaderCircle} className="[&_svg]:animate-spin">
          {t('embedding.coming')}
        </Badge>
      )}
      {!isInForce && !isComing && <Way name={name} isWithoutKey={keyState === 'missing'} onChoose={onChoose} />}
    </li>
  );
}

function KeyWords({ model, keyState }: Pick<Props, 'model' | 'keyState'>) {
  const { t } = useTranslation('bots');
  if (model === 'local' || keyState === 'unknown' || keyState === 'not_needed') return null;
  if (keyState !== 'missing') return t(`embedding.key.${keyState}`);
  return <span className="text-warn">{t('embedding.key.missing')}</span>;
}

interface WayProps {
  name: string;
  isWithoutKey: boolean;
  onChoose: () => void;
}

function Way({ name, isWithoutKey, onChoose }: WayProps) {
  const { t } = useTranslation('bots');
  return isWithoutKey ? (
    <LinkButton to="/providers" size="sm" icon={KeyRound} aria-label={t('embedding.addKeyOf', { name })}>
      {t('embedding.addKey')}
    </LinkButton>
  ) : (
    <Button size="sm" aria-label={t('embedding.useOf', { name })} onClick={onChoose}>
      {t('embedding.use')}
    </Button>
  );
}
