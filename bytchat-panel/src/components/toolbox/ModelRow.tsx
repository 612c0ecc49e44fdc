// A model of the toolbox: who answers, what it costs, whether it can.
import { ArrowUp, KeyRound, Pencil, ServerOff, Trash2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { ModelConfig, Provider } from '@/api/types';
import { Badge } from '@/components/ui/Badge';
import { IconButton } from '@/components/ui/IconButton';
import { isExtractive } from '@/lib/toolboxOrder';
import { isPending } from '@/queries/toolbox';
import { ModelFacts } from './ModelFacts';
import { ProviderMark } from './ProviderMark';
import { findModel, type Standing, standingOf } from './toolbox';

export interface RowActions {
  onChange: (config: ModelConfig) => void;
  onRemove: (config: ModelConfig) => void;
  onAddKey: (provider: Provider['provider']) => void;
  onMakeFirst: (config: ModelConfig) => void;
}

interface ModelRowProps extends RowActions {
  /** Whether it is the first of several that can. */
  answersFirst: boolean;
  /** Whether another one stands before it. */
  isLater: boolean;
  config: ModelConfig;
  providers: readonly Provider[] | undefined;
}

export function ModelRow({ config, providers, answersFirst, isLater, ...actions }: ModelRowProps) {
  const { t } = useTranslation('toolbox');
  const standing = standingOf(config, providers);
  const name = config.model_id;
  return (
    <li className="flex items-start gap-3 px-4 py-3.5 sm:px-5" aria-busy={isPending(config)}>
      <ProviderMark provider={config.provider} />
      <div className="min-w-0 flex-1 space-y-1">
        <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="text-[15px] font-medium break-all text-ink">{name}</span>
          {answersFirst && <Badge tone="accent">{t('row.first')}</Badge>}
          <RowBadges config={config} providers={providers} standing={standing} />
        </div>
        <RowText config={config} providers={providers} />
        <RowTrouble config={config} standing={standing} onAddKey={actions.onAddKey} />
      </div>
      {isPending(config) ? (
        <span className="shrink-0 text-sm text-muted">{t('row.saving')}</span>
      ) : (
        <RowButtons config={config} isLater={isLater} {...actions} />
      )}
    </li>
  );
}

function RowButtons({ config, isLater, ...actions }: RowActions & Pick<ModelRowProps, 'config' | 'isLater'>) {
  const { t } = useTranslation('toolbox');
  const model = config.model_id;
  const buttons = [
    { icon: ArrowUp, label: t('row.makeFirst', { model }), press: actions.onMakeFirst, isShown: isLater },
    { icon: Pencil, label: t('row.change', { model }), press: actions.onChange, isShown: true },
    { icon: Trash2, label: t('row.remove', { model }), press: actions.onRemove, isShown: true },
  ];
  return (
    <div className="-mr-1 flex shrink-0 gap-0.5 max-sm:flex-col">
      {buttons
        .filter(({ isShown }) => isShown)
        .map(({ icon, label, press }) => (
          <IconButton key={label} icon={icon} size="sm" label={label} onClick={() => press(config)} />
        ))}
    </div>
  );
}

type RowPart = Pick<ModelRowProps, 'config' | 'providers'>;

function RowBadges({ config, providers, standing }: RowPart & { standing: Standing }) {
  const { t } = useTranslation('toolbox');
  return (
    <>
      {findModel(config, providers)?.reasons && <Badge tone="neutral">{t('reasons')}</Badge>}
      {standing === 'noKey' && (
        <Badge tone="warn" icon={KeyRound}>
          {t('row.noKey')}
        </Badge>
      )}
      {standing === 'noServer' && (
        <Badge tone="warn" icon={ServerOff}>
          {t('row.noServer')}
        </Badge>
      )}
    </>
  );
}

function RowText({ config, providers }: RowPart) {
  const { t } = useTranslation('toolbox');
  const model = findModel(config, providers);
  if (isExtractive(config))
    return <p className="text-sm text-muted">{`${t('provider.local')} · ${t('extractive')}`}</p>;
  return (
    <p className="flex flex-wrap gap-x-2 text-muted text-sm max-sm:flex-col sm:[&>*+*]:before:mr-2 sm:[&>*+*]:before:content-['·']">
      <span>{t(`provider.${config.provider}`)}</span>
      {config.provider === 'local' ? <span>{t('localModel')}</span> : providers && <ModelFacts model={model} />}
    </p>
  );
}

function RowTrouble({
  config,
  standing,
  onAddKey,
}: { config: ModelConfig; standing: Standing } & Pick<RowActions, 'onAddKey'>) {
  const { t } = useTranslation('toolbox');
  const provider = t(`provider.${config.provider}`);
  if (standing === 'noServer') return <p className="text-sm text-warn">{t('row.noServerHint')}</p>;
  if (standing !== 'noKey') return null;
  return (
    <p className="flex flex-wrap items-center gap-x-2 text-sm text-warn">
      {t('row.noKeyHint', { provider })}
      <button
        type="button"
        onClick={() => onAddKey(config.provider)}
        className="inline-flex h-8 items-center rounded-md font-medium text-accent underline underline-offset-4 hover:text-accent-strong"
      >
        {t('row.addKey', { provider })}
      </button>
    </p>
  );
}
