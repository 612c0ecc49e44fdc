// The models of one task type, in the order in which they are asked.
import { Brain, MessageSquare, Tag } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { ModelConfig, Provider } from '@/api/types';
import { Card } from '@/components/ui/Card';
import { COMPLEX, GENERAL, type TaskGroup } from '@/lib/taskTypes';
import { ModelRow, type RowActions } from './ModelRow';
import { standingOf } from './toolbox';

interface TaskGroupCardProps extends RowActions {
  group: TaskGroup<ModelConfig>;
  providers: readonly Provider[] | undefined;
}

export function TaskGroupCard({ group, providers, ...actions }: TaskGroupCardProps) {
  const { t } = useTranslation('toolbox');
  const headingId = `task-type-${group.taskType}`;
  const isShared = group.configs.length > 1;
  const answering = group.configs.find((config) => standingOf(config, providers) === 'ready');
  return (
    <Card className="overflow-hidden p-0">
      <section aria-labelledby={headingId}>
        <GroupHeader group={group} headingId={headingId} />
        <ul className="divide-y divide-line border-t border-line">
          {group.configs.map((config, index) => (
            <ModelRow
              key={config.id}
              config={config}
              providers={providers}
              answersFirst={isShared && config === answering}
              isLater={index > 0}
              {...actions}
            />
          ))}
        </ul>
        {isShared && (
          <p className="border-t border-line bg-sunken px-4 py-2.5 text-sm text-muted sm:px-5">{t('order')}</p>
        )}
      </section>
    </Card>
  );
}

function GroupHeader({ group, headingId }: { group: TaskGroup<ModelConfig>; headingId: string }) {
  const { title, text, hint, icon: Icon } = useGroupWords(group);
  return (
    <header className="flex items-start gap-3 px-4 py-4 sm:px-5">
      <Icon aria-hidden="true" className="mt-0.5 size-5 shrink-0 text-accent" />
      <div className="min-w-0 space-y-1">
        <div className="flex flex-wrap items-baseline gap-x-2">
          <h2 id={headingId} className="text-base font-semibold break-all text-ink">
            {title}
          </h2>
          {title !== group.taskType && <code className="text-sm text-muted">{group.taskType}</code>}
        </div>
        {text && <p className="text-[15px] wrap-anywhere text-ink">{text}</p>}
        <p className="text-sm text-muted">{hint}</p>
      </div>
    </header>
  );
}

function useGroupWords({ taskType, description }: TaskGroup<ModelConfig>) {
  const { t } = useTranslation('toolbox');
  if (taskType === GENERAL)
    return { title: t('general.title'), text: '', hint: t('general.text'), icon: MessageSquare };
  if (taskType === COMPLEX) return { title: t('complex.title'), text: '', hint: t('complex.text'), icon: Brain };
  const hint = description ? t('own.described') : t('own.undescribed');
  return { title: taskType, text: description, hint, icon: Tag };
}
