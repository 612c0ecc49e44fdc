// A block of code: its language, a copy button, colours once it is complete.
import { useEffect, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '@/components/ui/CopyButton';
import type { CodePart } from './highlight';

interface Props {
  code: string;
  language: string;
  /** Nothing more will be added to it. */
  isFinal: boolean;
}

/** Longer code stays plain: colouring it would hold up the page. */
const COLOURED_CHARACTERS = 40_000;

export function CodeBlock({ code, language, isFinal }: Props) {
  const { t } = useTranslation('chat');
  const parts = useHighlighted(code, language, isFinal);
  const id = useId();
  return (
    <figure className="overflow-hidden rounded-lg border border-line bg-sunken">
      <figcaption className="flex h-9 items-center justify-between pr-1 pl-3 text-muted text-xs">
        <span id={id}>{language || t('code.plain')}</span>
        <CopyButton text={code} label={t('code.copy')} />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard. */}
      <section tabIndex={0} aria-labelledby={id} className="overflow-x-auto focus-visible:-outline-offset-2">
        <pre className="w-fit px-3 pb-3 font-mono text-[13px] leading-5">
          <code>{parts ? parts.map(colouredPart) : code}</code>
        </pre>
      </section>
    </figure>
  );
}

function colouredPart({ text, className }: CodePart, index: number) {
  if (className === undefined) return text;
  return (
    <span key={index} className={className}>
      {text}
    </span>
  );
}

function useHighlighted(code: string, language: string, isFinal: boolean): CodePart[] | null {
  const [parts, setParts] = useState<CodePart[] | null>(null);
  const isWanted = isFinal && language !== '' && code.length <= COLOURED_CHARACTERS;
  useEffect(() => {
    let isCurrent = isWanted;
    setParts(null);
    if (!isWanted) return;
    // Code without colours can be read as well: a chunk that does not come is no error.
    void import('./highlight')
      .then(({ highlight }) => isCurrent && setParts(highlight(code, language)))
      .catch(() => {});
    return () => {
      isCurrent = false;
    };
  }, [code, language, isWanted]);
  return parts;
}
