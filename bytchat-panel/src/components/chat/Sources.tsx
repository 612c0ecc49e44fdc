// The passages that an answer cites, each a way into its document.
import { FileText } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Citation } from '@/api/types';
import { saidBefore } from '@/lib/citations';
import { useChatActions } from './chatContext';

interface Props {
  citations: readonly Citation[];
  /** The answer's, for what it says of each. */
  text: string;
}

export function Sources({ citations, text }: Props) {
  const { t } = useTranslation('chat');
  if (citations.length === 0) return null;
  return (
    <section aria-label={t('sources.title')} className="mt-4">
      <p aria-hidden className="mb-1.5 font-medium text-muted text-xs">
        {t('sources.title')}
      </p>
      <ol className="grid gap-2 sm:grid-cols-2">
        {citations.map((citation) => (
          <li key={citation.n} className="min-w-0">
            <Source citation={citation} said={saidBefore(text, citation.n)} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Source({ citation, said }: { citation: Citation; said: string }) {
  const { openPassage } = useChatActions();
  const { n, filename, quote } = citation;
  return (
    <button
      type="button"
      onClick={() => openPassage(citation, said)}
      className="flex w-full flex-col gap-1 rounded-xl border border-line bg-surface px-3 py-2.5 text-left transition-colors hover:border-line-strong"
    >
      <span className="flex w-full min-w-0 items-center gap-2 text-sm">
        <span className="flex size-5 shrink-0 items-center justify-center rounded-md bg-accent-soft font-semibold text-[11px] text-accent">
          {n}
        </span>
        <span className="truncate font-medium">{filename}</span>
        <FileText aria-hidden className="ml-auto size-4 shrink-0 text-muted" />
      </span>
      <span className="line-clamp-2 text-muted text-xs leading-[18px]">{quote.trim()}</span>
    </button>
  );
}
