// Documents that are in training now, of whichever bot, and those that failed.
import { CircleCheck, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Badge } from '@/components/ui/Badge';
import { Card } from '@/components/ui/Card';
import { LinkButton } from '@/components/ui/LinkButton';
import { ProgressBar } from '@/components/ui/ProgressBar';
import { QueryState } from '@/components/ui/QueryState';
import { Skeleton } from '@/components/ui/Skeleton';
import { type OwnedDocument, type Unfinished, useUnfinished } from '@/queries/unfinished';

const SHOWN = 5;

export function TrainingList() {
  const { t } = useTranslation('overview');
  const unfinished = useUnfinished();
  return (
    <section aria-labelledby="training-title">
      <h2 id="training-title" className="mb-3 font-semibold text-base">
        {t('training.title')}
      </h2>
      <Card className="p-0">
        <QueryState
          query={unfinished}
          loading={<Skeleton className="m-5 h-10" />}
          isEmpty={({ training, failed }) => training.length + failed.length === 0}
          empty={<NothingInTraining />}
        >
          {(data) => <Rows {...data} />}
        </QueryState>
      </Card>
    </section>
  );
}

function NothingInTraining() {
  const { t } = useTranslation('overview');
  return (
    <p className="flex items-center gap-2.5 px-5 py-4 text-muted text-sm">
      <CircleCheck aria-hidden className="size-4 shrink-0 text-ok" />
      {t('training.empty')}
    </p>
  );
}

function Rows({ training, failed }: Unfinished) {
  const { t } = useTranslation('overview');
  const hidden = Math.max(0, training.length - SHOWN) + Math.max(0, failed.length - SHOWN);
  return (
    <ul className="divide-y divide-line">
      {failed.slice(0, SHOWN).map((document) => (
        <FailedRow key={document.id} document={document} />
      ))}
      {training.slice(0, SHOWN).map((document) => (
        <TrainingRow key={document.id} document={document} />
      ))}
      {hidden > 0 && <li className="px-5 py-3 text-muted text-sm">{t('training.more', { count: hidden })}</li>}
    </ul>
  );
}

function FailedRow({ document }: { document: OwnedDocument }) {
  const { t } = useTranslation('overview');
  const { filename, bot_name: bot } = document;
  return (
    <Row document={document}>
      <Badge tone="danger" icon={TriangleAlert}>
        {t('training.failed')}
      </Badge>
      <LinkButton to={documentsOf(document)} size="sm" aria-label={t('training.reviewLabel', { filename, bot })}>
        {t('training.review')}
      </LinkButton>
    </Row>
  );
}

function TrainingRow({ document }: { document: OwnedDocument }) {
  const { t } = useTranslation('overview');
  const { filename, status, searchable, chunks, chunks_embedded } = document;
  const max = status === 'processing' && chunks ? chunks : null;
  return (
    <Row document={document}>
      {searchable && <Badge tone="ok">{t('training.searchable')}</Badge>}
      <span className="w-20 text-muted text-sm">
        {status === 'queued' ? t('training.queued') : t('training.processing')}
      </span>
      <ProgressBar
        className="w-24 sm:w-32"
        label={t('training.progress', { filename })}
        value={chunks_embedded}
        max={max}
      />
    </Row>
  );
}

function Row({ document, children }: { document: OwnedDocument; children: ReactNode }) {
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-5 py-3.5">
      <div className="min-w-0 flex-1 basis-52">
        <Link
          to={documentsOf(document)}
          className="block truncate rounded font-medium text-[15px] hover:underline"
          title={document.filename}
        >
          {document.filename}
        </Link>
        <p className="truncate text-muted text-sm">{document.bot_name}</p>
      </div>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">{children}</div>
    </li>
  );
}

function documentsOf({ bot_id }: OwnedDocument): string {
  return `/bots/${bot_id}/documents`;
}
