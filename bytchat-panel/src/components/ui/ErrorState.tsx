// What stands in the place of something that could not be loaded.
import { CloudOff, RotateCw } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button } from './Button';
import { useProblemText } from './problemText';

interface Props {
  error: unknown;
  onRetry?: (() => void) | undefined;
  isBusy?: boolean | undefined;
}

export function ErrorState({ error, onRetry, isBusy }: Props) {
  const { t } = useTranslation('common');
  const say = useProblemText();
  return (
    <div role="alert" className="flex flex-col items-center px-6 py-12 text-center">
      <span className="flex size-12 items-center justify-center rounded-xl bg-danger-soft text-danger">
        <CloudOff aria-hidden className="size-6" />
      </span>
      <p className="mt-5 font-semibold text-lg">{t('loadFailed')}</p>
      <p className="wrap-anywhere mt-1.5 max-w-md text-pretty text-[15px] text-muted leading-6">{say(error)}</p>
      {onRetry && (
        <Button icon={RotateCw} isBusy={isBusy} onClick={onRetry} className="mt-6">
          {t('retry')}
        </Button>
      )}
    </div>
  );
}
