// One document: what it is, how far its training is, and what can be done with it.
import { FileText, KeyRound, RotateCw, Trash2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { BotDocument } from '@/api/types';
import { Button } from '@/components/ui/Button';
import { IconButton } from '@/components/ui/IconButton';
import { LinkButton } from '@/components/ui/LinkButton';
import { ProblemText } from '@/components/ui/ProblemText';
import { failureOf, stageOf } from '@/lib/training';
import { useRetryDocument } from '@/queries/documents';
import { StageBadge } from './StageBadge';
import { useDocumentFacts } from './useDocumentFacts';
import { VectorProgress } from './VectorProgress';

interface Props {
  botId: string;
  document: BotDocument;
  onRemove: () => void;
}

export function DocumentRow({ botId, document, onRemove }: Props) {
  const { t } = useTranslation('training');
  const factsOf = useDocumentFacts();
  const { id, filename } = document;
  const stage = stageOf(document);
  return (
    <li className="flex items-start gap-3 py-3.5 pr-2.5 pl-4 sm:gap-4 sm:pr-3 sm:pl-5">
      <FileText aria-hidden className="mt-0.5 size-5 shrink-0 text-muted" />
      <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-64">
          <Link
            to={`/bots/${botId}/documents/${id}`}
            title={filename}
            className="-my-1 block truncate py-1 font-medium text-[15px] hover:underline"
          >
            {filename}
          </Link>
          <p className="mt-0.5 text-muted text-sm leading-5">{factsOf(document).join(' · ')}</p>
        </div>
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          {stage === 'vectors' && <VectorProgress document={document} />}
          <StageBadge stage={stage} />
        </div>
        {stage === 'failed' && <Failure botId={botId} document={document} />}
      </div>
      <IconButton
        icon={Trash2}
        size="sm"
        label={t('list.remove', { name: filename })}
        onClick={onRemove}
        className="sm:mt-1.5"
      />
    </li>
  );
}

function Failure({ botId, document }: Omit<Props, 'onRemove'>) {
  const { t } = useTranslation('training');
  const retry = useRetryDocument(botId);
  const { error, searchable, filename } = document;
  const failure = failureOf(error);
  return (
    <div className="flex w-full flex-wrap items-center gap-x-4 gap-y-2">
      <p className="min-w-0 flex-1 basis-64 text-danger text-sm leading-5">
        {t(`failure.${failure}`)} {searchable && t('failure.searchable')}
      </p>
      {failure.startsWith('provider_key') && (
        <LinkButton to="/providers" size="sm" icon={KeyRound}>
          {t('failure.keys')}
        </LinkButton>
      )}
      <Button
        size="sm"
        icon={RotateCw}
        isBusy={retry.isPending}
        aria-label={t('list.retryLabel', { name: filename })}
        onClick={() => retry.mutate(document.id)}
      >
        {t('list.retry')}
      </Button>
      {retry.error && <ProblemText error={retry.error} className="w-full" />}
    </div>
  );
}
