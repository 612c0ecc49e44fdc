// Asks for the file of all that is in the account, and says how far it is.
import { Download } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Problem } from '@/api/problem';
import { Button } from '@/components/ui/Button';
import { ProblemText } from '@/components/ui/ProblemText';
import { ProgressBar } from '@/components/ui/ProgressBar';
import { useProblemText } from '@/components/ui/problemText';
import { useFormat } from '@/components/ui/useFormat';
import { type ExportState, isUnderWay, useAccountExport } from '@/store/accountExport';

export function ExportButton() {
  const { t } = useTranslation('account');
  const { state, start } = useAccountExport();
  return (
    <div className="flex flex-col items-start gap-3">
      <Button icon={Download} isBusy={isUnderWay(state)} onClick={() => void start()}>
        {t('export.start')}
      </Button>
      <ExportNews state={state} />
    </div>
  );
}

function ExportNews({ state }: { state: ExportState }) {
  const { t } = useTranslation('account');
  switch (state.status) {
    case 'idle':
      return null;
    case 'making':
    case 'coming':
      return <Coming share={state.status === 'coming' ? state.share : null} />;
    case 'saved':
      return (
        <p role="status" className="text-ok text-sm">
          {t('export.saved')}
        </p>
      );
    case 'failed':
      return <ExportProblem error={state.error} />;
  }
}

function Coming({ share }: { share: number | null }) {
  const { t } = useTranslation('account');
  const format = useFormat();
  return (
    <div className="flex w-full max-w-sm flex-wrap items-center gap-x-3 gap-y-1">
      <ProgressBar
        value={share ?? 0}
        max={share === null ? null : 1}
        label={t('export.title')}
        className="max-w-56"
      />
      <span className="text-muted text-sm tabular-nums">
        {share === null
          ? t('export.making')
          : t('export.coming', { percent: format.percent(Math.floor(share * 100) / 100) })}
      </span>
    </div>
  );
}

const PASSING = ['export_under_way', 'exports_busy'];

/** Where another tab, or others, have asked for it first, nothing has gone wrong. */
function ExportProblem({ error }: { error: unknown }) {
  const say = useProblemText();
  if (!(error instanceof Problem && PASSING.includes(error.code))) return <ProblemText error={error} />;
  return (
    <p role="alert" className="text-sm text-warn">
      {say(error)}
    </p>
  );
}
