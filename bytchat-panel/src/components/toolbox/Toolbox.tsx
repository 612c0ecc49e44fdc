// A bot's models by task type, and the dialogs that change them.
import { useTranslation } from 'react-i18next';
import type { Bot, ModelConfig } from '@/api/types';
import { ConfirmDialog } from '@/components/ui/ConfirmDialog';
import { GENERAL, groupByTaskType } from '@/lib/taskTypes';
import { useProviders } from '@/queries/providers';
import { ConfigDialog } from './ConfigDialog';
import { EmptyToolbox } from './EmptyToolbox';
import { KeyDialog, type Vendor } from './KeyDialog';
import { TaskGroupCard } from './TaskGroupCard';
import { lastOf } from './toolbox';
import { useRowWrites } from './useRowWrites';

export type Asking =
  | { kind: 'nothing' }
  | { kind: 'config'; config: ModelConfig | null }
  | { kind: 'removal'; config: ModelConfig }
  | { kind: 'key'; provider: Vendor };

interface ToolboxProps {
  bot: Bot;
  asking: Asking;
  onAsk: (asking: Asking) => void;
}

export function Toolbox({ bot, asking, onAsk }: ToolboxProps) {
  const { remove, makeFirst } = useRowWrites(bot.id);
  const close = () => onAsk({ kind: 'nothing' });
  const askToRemove = (config: ModelConfig) =>
    lastOf(config, bot.configs) === 'nothing' ? remove(config) : onAsk({ kind: 'removal', config });
  return (
    <>
      {bot.configs.length === 0 ? (
        <EmptyToolbox botId={bot.id} onAdd={() => onAsk({ kind: 'config', config: null })} />
      ) : (
        <Groups bot={bot} onAsk={onAsk} onRemove={askToRemove} onMakeFirst={makeFirst} />
      )}
      {asking.kind === 'config' && <ConfigDialog bot={bot} config={asking.config} onClose={close} />}
      {asking.kind === 'key' && <KeyDialog provider={asking.provider} onClose={close} />}
      {asking.kind === 'removal' && (
        <RemovalDialog
          config={asking.config}
          isLastOfBot={lastOf(asking.config, bot.configs) === 'bot'}
          onClose={close}
          onConfirm={() => {
            close();
            remove(asking.config);
          }}
        />
      )}
    </>
  );
}

interface GroupsProps extends Pick<ToolboxProps, 'bot' | 'onAsk'> {
  onRemove: (config: ModelConfig) => void;
  onMakeFirst: (config: ModelConfig) => void;
}

function Groups({ bot, onAsk, ...writes }: GroupsProps) {
  const { t } = useTranslation('toolbox');
  const { data: providers } = useProviders();
  const groups = groupByTaskType(bot.configs);
  return (
    <div className="space-y-4">
      {groups.every(({ taskType }) => taskType !== GENERAL) && (
        <p className="rounded-lg bg-warn-soft px-4 py-3 text-sm text-warn">{t('noGeneral')}</p>
      )}
      {groups.map((group) => (
        <TaskGroupCard
          key={group.taskType}
          group={group}
          providers={providers}
          onChange={(config) => onAsk({ kind: 'config', config })}
          {...writes}
          onAddKey={(provider) => provider !== 'local' && onAsk({ kind: 'key', provider })}
        />
      ))}
    </div>
  );
}

interface RemovalDialogProps {
  config: ModelConfig;
  isLastOfBot: boolean;
  onClose: () => void;
  onConfirm: () => void;
}

function RemovalDialog({ config, isLastOfBot, onClose, onConfirm }: RemovalDialogProps) {
  const { t } = useTranslation('toolbox');
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      onConfirm={onConfirm}
      title={t('remove.title', { model: config.model_id })}
      description={isLastOfBot ? t('remove.last') : t('remove.lastOfType', { taskType: config.task_type })}
      confirmLabel={t('remove.confirm')}
    />
  );
}
