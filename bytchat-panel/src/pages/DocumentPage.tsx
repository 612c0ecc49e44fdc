// One document: its facts and its text, at the passage that `?start=&end=` names.
import { useParams, useSearchParams } from 'react-router';
import { Problem } from '@/api/problem';
import type { BotDocument } from '@/api/types';
import { BackToDocuments } from '@/components/training/BackToDocuments';
import { DocumentFacts } from '@/components/training/DocumentFacts';
import { DocumentGone } from '@/components/training/DocumentGone';
import { DocumentViewer } from '@/components/training/DocumentViewer';
import { StageBadge } from '@/components/training/StageBadge';
import { VectorProgress } from '@/components/training/VectorProgress';
import { QueryState } from '@/components/ui/QueryState';
import { Skeleton } from '@/components/ui/Skeleton';
import { useTitle } from '@/components/ui/useTitle';
import type { Span } from '@/lib/codePoints';
import { stageOf } from '@/lib/training';
import { useDocument } from '@/queries/documents';

export default function DocumentPage() {
  const { botId = '', documentId = '' } = useParams();
  const [search] = useSearchParams();
  const query = useDocument(botId, documentId);
  useTitle(query.data?.filename);
  if (query.error instanceof Problem && query.error.status === 404) return <DocumentGone botId={botId} isPage />;
  return (
    <div className="relative mx-auto flex min-h-0 w-full max-w-6xl flex-1 flex-col gap-4 overflow-y-auto px-4 py-4 sm:px-8 sm:py-6">
      <BackToDocuments botId={botId} />
      <QueryState query={query} loading={<Skeleton className="h-16" />}>
        {(document) => (
          <>
            <Header document={document} />
            <div className="flex min-h-96 flex-1 flex-col overflow-hidden rounded-xl border border-line bg-surface">
              <DocumentViewer
                botId={botId}
                documentId={documentId}
                name={document.filename}
                highlight={spanOf(search)}
                gone={<DocumentGone botId={botId} />}
              />
            </div>
          </>
        )}
      </QueryState>
    </div>
  );
}

function Header({ document }: { document: BotDocument }) {
  const stage = stageOf(document);
  return (
    <header className="flex shrink-0 flex-col gap-2">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <h1 className="wrap-anywhere font-semibold text-2xl tracking-tight">{document.filename}</h1>
        <StageBadge stage={stage} />
        {stage === 'vectors' && <VectorProgress document={document} />}
      </div>
      <DocumentFacts document={document} />
    </header>
  );
}

/** The passage of the address; undefined where it names none. */
function spanOf(search: URLSearchParams): Span | undefined {
  const [start, end] = ['start', 'end'].map((name) => Number(search.get(name) ?? Number.NaN));
  if (start === undefined || end === undefined) return undefined;
  const isSpan = Number.isInteger(start) && Number.isInteger(end) && start >= 0 && end > start;
  return isSpan ? { start, end } : undefined;
}
