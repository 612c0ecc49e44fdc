// The passages that an answer cites, each a way into its document.
import { FileText, FileX } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Citation } from '@/api/types';
import { saidBefore } from '@/lib/citations';
import { classes } from '@/lib/classes';
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
  const { t } = useTranslation('chat');
  const { openPassage } = useChatActions();
  const { n, filename, quote } = citation;
  const isGone = citation.document_id === null;
  const Icon = isGone ? FileX : FileText;
  return (
    <button
      type="button"
      onClick={() => openPassage(citation, said)}
      className={classes(
        'flex h-full w-full flex-col gap-1 rounded-xl border border-line bg-surface px-3 py-2.5 text-left transition-colors hover:border-line-strong',
        isGone && 'border-dashed',
      )}
    >
      <span className="flex w-full min-w-0 items-center gap-2 text-sm">
        <span
          className={classes(
            'flex size-5 shrink-0 items-center justify-center rounded-md font-semibold text-[11px]',
            isGone ? 'bg-sunken text-muted' : 'bg-accent-soft text-accent',
          )}
        >
          {n}
        </span>
        <span className={classes('truncate font-medium', isGone && 'text-muted line-through')}>{filename}</span>
        <Icon aria-hidden className="ml-auto size-4 shrink-0 text-muted" />
      </span>
      {isGone && <span className="text-warn text-xs leading-[18px]">{t('citation.gone')}</span>}
      <span className="line-clamp-2 text-muted text-xs leading-[18px]">{quote.trim()}</span>
    </button>
  );
}
