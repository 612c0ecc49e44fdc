// One suggestion of the model box.
import { Check, Plus } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { ProviderModel } from '@/api/types';
import { Badge } from '@/components/ui/Badge';
import { classes } from '@/lib/classes';
import { EXTRACTIVE } from '@/lib/toolboxOrder';
import { ModelFacts } from './ModelFacts';
import type { Suggestion } from './suggestions';

interface ModelOptionProps {
  id: string;
  suggestion: Suggestion;
  isActive: boolean;
  isChosen: boolean;
  onChoose: () => void;
}

export function ModelOption({ id, suggestion, isActive, isChosen, onChoose }: ModelOptionProps) {
  const option = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isActive) option.current?.scrollIntoView({ block: 'nearest' });
  }, [isActive]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the text box has the keyboard, as the combobox pattern says.
    <div
      ref={option}
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={isChosen}
      onClick={onChoose}
      className={classes(
        'flex cursor-pointer items-center gap-2 rounded-lg px-3 py-2 hover:bg-sunken',
        isActive && 'bg-accent-soft hover:bg-accent-soft outline-2 -outline-offset-2 outline-accent',
      )}
    >
      <div className="min-w-0 flex-1">
        {suggestion.kind === 'listed' ? <Listed model={suggestion.model} /> : <Free modelId={suggestion.modelId} />}
      </div>
      {isChosen && <Check aria-hidden="true" className="size-4 shrink-0 text-accent" />}
    </div>
  );
}

function Listed({ model }: { model: ProviderModel }) {
  const { t } = useTranslation('toolbox');
  return (
    <>
      <span className="flex flex-wrap items-center gap-x-2 text-[15px] font-medium">
        {model.model_id}
        {model.reasons && <Badge tone="neutral">{t('reasons')}</Badge>}
      </span>
      <span className="flex flex-wrap gap-x-3 text-sm text-muted">
        {model.model_id === EXTRACTIVE ? t('extractive') : <ModelFacts model={model} />}
      </span>
    </>
  );
}

function Free({ modelId }: { modelId: string }) {
  const { t } = useTranslation('toolbox');
  return (
    <>
      <span className="flex items-center gap-1.5 text-[15px] font-medium break-all">
        <Plus aria-hidden="true" className="size-4 shrink-0" />
        {t('form.useFree', { model: modelId })}
      </span>
      <span className="block text-sm text-muted">{t('form.useFreeHint')}</span>
    </>
  );
}
