// A text in which the words of a question are marked.
import { memo } from 'react';
import { hitsIn } from '@/lib/hits';

interface Props {
  text: string;
  query: string;
}

export const MarkedText = memo(function MarkedText({ text, query }: Props) {
  const spans = hitsIn(text, query);
  return (
    <>
      {spans.map(({ start, end }, i) => (
        <span key={start}>
          {text.slice(spans[i - 1]?.end ?? 0, start)}
          <mark className="rounded-sm bg-mark text-ink">{text.slice(start, end)}</mark>
        </span>
      ))}
      {text.slice(spans.at(-1)?.end ?? 0)}
    </>
  );
});
