// What a bot without models says: that it cannot answer, and the two ways out.
import { HardDrive, Plus, Wrench } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/Button';
import { Card } from '@/components/ui/Card';
import { EmptyState } from '@/components/ui/EmptyState';
import { ProblemText } from '@/components/ui/ProblemText';
import { GENERAL } from '@/lib/taskTypes';
import { EXTRACTIVE } from '@/lib/toolboxOrder';
import { useAddConfig } from '@/queries/toolbox';

const LOCAL = { task_type: GENERAL, provider: 'local', model_id: EXTRACTIVE, description: '' } as const;

interface EmptyToolboxProps {
  botId: string;
  onAdd: () => void;
}

export function EmptyToolbox({ botId, onAdd }: EmptyToolboxProps) {
  const { t } = useTranslation('toolbox');
  const add = useAddConfig(botId);
  const addLocal = () => add.mutate(LOCAL);
  return (
    <Card className="p-0">
      <EmptyState
        icon={Wrench}
        title={t('empty.title')}
        text={t('empty.text')}
        action={
          <>
            <Button variant="primary" icon={Plus} onClick={onAdd}>
              {t('add')}
            </Button>
            <Button variant="secondary" icon={HardDrive} isBusy={add.isPending} onClick={addLocal}>
              {t('empty.useLocal')}
            </Button>
          </>
        }
      />
      {add.error && <ProblemText error={add.error} className="mx-auto mb-6 max-w-md" />}
    </Card>
  );
}
