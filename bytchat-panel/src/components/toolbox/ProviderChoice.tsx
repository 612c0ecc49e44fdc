// Which provider: one card each, saying whether it can answer.
import { useTranslation } from 'react-i18next';
import type { Provider, ProviderName } from '@/api/types';
import { classes } from '@/lib/classes';
import { ProviderMark } from './ProviderMark';
import { findProvider } from './toolbox';

const PROVIDERS: readonly ProviderName[] = ['google', 'openai', 'local'];

interface ProviderChoiceProps {
  value: ProviderName;
  onChange: (provider: ProviderName) => void;
  providers: readonly Provider[] | undefined;
}

export function ProviderChoice({ value, onChange, providers }: ProviderChoiceProps) {
  const { t } = useTranslation('toolbox');
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1.5 text-sm font-medium text-ink">{t('form.provider')}</legend>
      <div className="grid gap-2 sm:grid-cols-3">
        {PROVIDERS.map((name) => (
          <ProviderRadio
            key={name}
            name={name}
            provider={findProvider(name, providers)}
            isChosen={value === name}
            onChoose={() => onChange(name)}
          />
        ))}
      </div>
    </fieldset>
  );
}

interface ProviderRadioProps {
  name: ProviderName;
  provider: Provider | undefined;
  isChosen: boolean;
  onChoose: () => void;
}

function ProviderRadio({ name, provider, isChosen, onChoose }: ProviderRadioProps) {
  const { t } = useTranslation('toolbox');
  return (
    <label
      className={classes(
        'relative flex cursor-pointer items-center gap-3 rounded-lg border border-line-strong bg-surface p-2.5 hover:border-muted',
        'has-checked:border-accent has-checked:bg-accent-soft has-checked:ring-1 has-checked:ring-accent',
        'has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent',
      )}
    >
      <input
        type="radio"
        name="provider"
        value={name}
        checked={isChosen}
        onChange={onChoose}
        className="absolute inset-0 cursor-pointer appearance-none rounded-lg outline-none"
      />
      <ProviderMark provider={name} />
      <span className="min-w-0">
        <span className="block text-[15px] font-medium">{t(`provider.${name}`)}</span>
        <span className={classes('block text-sm', provider?.configured === false ? 'text-warn' : 'text-muted')}>
          {provider ? t(`choice.${choiceWord(provider)}`) : '…'}
        </span>
      </span>
    </label>
  );
}

function choiceWord(provider: Provider): 'noKey' | 'own' | 'server' | 'localServer' | 'keyless' {
  if (!provider.configured) return 'noKey';
  if (provider.source === 'own') return 'own';
  if (provider.source === 'server') return provider.provider === 'local' ? 'localServer' : 'server';
  return 'keyless';
}
