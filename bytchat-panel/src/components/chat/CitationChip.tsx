// The number of a citation within an answer: a button to the exact passage, which shows its words when pointed at.
import { useContext, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { classes } from '@/lib/classes';
import { CitationContext } from './citationContext';
import { QuotePreview } from './QuotePreview';
import { usePreview } from './usePreview';

interface Props {
  n: number;
  /** The answer's words that it stands behind. */
  said: string;
}

export function CitationChip({ n, said }: Props) {
  const { byNumber, open } = useContext(CitationContext);
  const { t } = useTranslation('chat');
  const button = useRef<HTMLButtonElement>(null);
  const preview = usePreview();
  const citation = byNumber.get(n);
  // A number without a passage is what the model wrote, and no more.
  if (!citation) return `[${n}]`;
  const isGone = citation.document_id === null;
  const show = () => {
    preview.hide();
    open(citation, said);
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        onClick={show}
        aria-label={t(isGone ? 'citation.goneLabel' : 'citation.label', { n, filename: citation.filename })}
        {...preview.handlers}
        className={classes(
          'relative mx-0.5 inline-flex h-[18px] min-w-[18px] items-center justify-center rounded-md px-1 align-[2px] font-semibold text-[11px] leading-none no-underline transition-colors',
          "before:absolute before:-inset-[7px] before:content-['']",
          isGone
            ? 'border border-line-strong border-dashed text-muted hover:text-ink'
            : 'bg-accent-soft text-accent hover:bg-accent hover:text-on-accent',
        )}
      >
        {n}
      </button>
      {preview.isShown && (
        <QuotePreview citation={citation} anchor={button} onHide={preview.hide} {...preview.stay} />
      )}
    </>
  );
}
