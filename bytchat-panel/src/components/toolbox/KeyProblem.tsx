// Why a key was not saved, and what can be done about it.
import { CircleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Problem } from '@/api/problem';
import type { ProviderName } from '@/api/types';
import { Button } from '@/components/ui/Button';
import { ProblemText } from '@/components/ui/ProblemText';

interface KeyProblemProps {
  error: unknown;
  provider: ProviderName;
  onSaveUnchecked: () => void;
}

export function KeyProblem({ error, provider, onSaveUnchecked }: KeyProblemProps) {
  const { t } = useTranslation('toolbox');
  const word = wordOf(error);
  if (!word) return <ProblemText error={error} />;
  return (
    <div
      role="alert"
      className="flex items-start gap-2 rounded-lg bg-danger-soft px-3 py-2.5 text-danger text-sm leading-5"
    >
      <CircleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
      <div className="space-y-2.5">
        <p>{t(`key.${word}`, { provider: t(`provider.${provider}`) })}</p>
        {word === 'unreachable' && (
          <Button size="sm" onClick={onSaveUnchecked}>
            {t('key.saveUnchecked')}
          </Button>
        )}
      </div>
    </div>
  );
}

function wordOf(error: unknown): 'invalid' | 'unreachable' | null {
  if (!(error instanceof Problem)) return null;
  if (error.code === 'provider_key_invalid') return 'invalid';
  return error.code === 'provider_unreachable' ? 'unreachable' : null;
}
