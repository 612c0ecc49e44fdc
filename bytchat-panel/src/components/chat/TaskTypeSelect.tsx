// Which kind of task a question is, for those who do not leave that to the router.
import { ChevronDown } from 'lucide-react';
import { useTranslation } from 'react-i18next';

interface Props {
  types: readonly string[];
  value: string | null;
  onChange: (type: string | null) => void;
}

export function TaskTypeSelect({ types, value, onChange }: Props) {
  const { t } = useTranslation('chat');
  return (
    <span className="relative inline-block max-w-44 shrink-0">
      <select
        aria-label={t('composer.taskType')}
        value={value !== null && types.includes(value) ? value : ''}
        onChange={(event) => onChange(event.target.value || null)}
        className="field-sizing-content h-8 max-w-full appearance-none truncate rounded-lg bg-transparent pr-7 pl-2 text-muted text-sm transition-colors hover:bg-sunken hover:text-ink"
      >
        <option value="">{t('composer.automatic')}</option>
        {types.map((type) => (
          <option key={type} value={type}>
            {type}
          </option>
        ))}
      </select>
      <ChevronDown
        aria-hidden
        className="pointer-events-none absolute top-1/2 right-2 size-3.5 -translate-y-1/2 text-muted"
      />
    </span>
  );
}
