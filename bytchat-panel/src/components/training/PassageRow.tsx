// One passage that was found: where it stands, what it says, and how well it fits.
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { FoundPassage } from '@/api/types';
import { useFormat } from '@/components/ui/useFormat';
import { shareOf } from '@/lib/confidence';
import { excerptStart } from '@/lib/excerpt';
import { MarkedText } from './MarkedText';

interface Props {
  n: number;
  passage: FoundPassage;
  query: string;
  /** The greatest BM25 of the list, which the bars of the others are compared with. */
  mostWords: number;
  onOpen: () => void;
}

export function PassageRow({ n, passage, query, mostWords, onOpen }: Props) {
  const { t } = useTranslation('training');
  const format = useFormat();
  const { filename, heading, start, end } = passage;
  const place = t('search.place', { start: format.number(start), end: format.number(end) });
  return (
    <li className="relative flex flex-col gap-3 p-4 transition-colors hover:bg-sunken has-focus-visible:bg-sunken sm:p-5 lg:flex-row lg:gap-8">
      <div className="min-w-0 flex-1">
        <div className="flex min-w-0 items-baseline gap-2.5">
          <span aria-hidden className="w-5 shrink-0 text-right text-muted text-sm tabular-nums">
            {n}
          </span>
          <div className="min-w-0 flex-1">
            <div className="flex min-w-0 flex-wrap items-baseline gap-x-3">
              <button
                type="button"
                title={filename}
                aria-label={t('search.open', { n, name: filename, place })}
                onClick={onOpen}
                className="max-w-full truncate rounded text-left font-medium text-[15px] after:absolute after:inset-0 focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
              >
                {filename}
              </button>
              <span className="text-muted text-xs tabular-nums">{place}</span>
            </div>
            {heading && (
              <p className="wrap-anywhere line-clamp-2 text-muted text-sm leading-5" title={heading}>
                {heading}
              </p>
            )}
            <p className="wrap-anywhere mt-1.5 line-clamp-6 whitespace-pre-line text-[15px] leading-6">
              <Excerpt text={passage.text} query={query} />
            </p>
          </div>
        </div>
      </div>
      <Figures passage={passage} mostWords={mostWords} />
    </li>
  );
}

/** From what the question is about on: the rest is a click away. */
function Excerpt({ text, query }: { text: string; query: string }) {
  const start = useMemo(() => excerptStart(text, query), [text, query]);
  return (
    <>
      {start > 0 && '… '}
      <MarkedText text={text.slice(start)} query={query} />
    </>
  );
}

function Figures({ passage: { score, bm25, vector }, mostWords }: Pick<Props, 'passage' | 'mostWords'>) {
  const { t } = useTranslation('training');
  const format = useFormat();
  return (
    <dl className="grid shrink-0 grid-cols-3 gap-x-4 gap-y-2 pl-7.5 lg:w-44 lg:grid-cols-1 lg:content-start lg:pl-0">
      <Figure name={t('search.score')} value={format.decimal(score, 2)} share={shareOf(score, 1)} />
      <Figure name={t('search.bm25')} value={format.decimal(bm25, 1)} share={shareOf(bm25, mostWords)} />
      <Figure
        name={t('search.vector')}
        value={vector === null ? t('search.noVector') : format.decimal(vector, 2)}
        share={vector === null ? 0 : shareOf(vector, 1)}
      />
    </dl>
  );
}

function Figure({ name, value, share }: { name: string; value: string; share: number }) {
  return (
    <div className="relative flex min-w-0 justify-between gap-x-2 pb-2 text-xs max-lg:flex-col">
      <dt className="text-muted">{name}</dt>
      <dd className="tabular-nums">
        {value}
        <span aria-hidden className="absolute inset-x-0 bottom-0 h-1 overflow-hidden rounded-full bg-line">
          <span className="block h-full rounded-full bg-accent" style={{ width: `${share * 100}%` }} />
        </span>
      </dd>
    </div>
  );
}
