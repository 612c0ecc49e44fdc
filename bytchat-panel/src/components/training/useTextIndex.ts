// Cuts a text into blocks, and finds the cited passage in it, without holding up the page.
import { useEffect, useRef, useState } from 'react';
import { locate, type Span } from '@/lib/codePoints';
import { runInSlices } from '@/lib/slices';
import { blockStarts } from '@/lib/textLines';

/** A text that can be drawn: where its blocks begin, and the passage in the text's own units. */
export interface IndexedText {
  text: string;
  starts: number[];
  passage: Span | null;
}

/** Null until it is ready. `start` and `end` are the passage's, in code points. */
export function useTextIndex(text: string | undefined, start?: number, end?: number): IndexedText | null {
  const [index, setIndex] = useState<IndexedText | null>(null);
  const last = useRef<IndexedText | null>(null);
  useEffect(() => {
    if (text === undefined) return;
    const left = new AbortController();
    makeIndex(text, start, end, last.current, left.signal).then(
      (made) => {
        last.current = made;
        setIndex(made);
      },
      // Given up: another text or passage is wanted, or nobody looks.
      () => {},
    );
    return () => left.abort();
  }, [text, start, end]);
  return index?.text === text ? index : null;
}

async function makeIndex(
  text: string,
  start: number | undefined,
  end: number | undefined,
  last: IndexedText | null,
  signal: AbortSignal,
): Promise<IndexedText> {
  const starts = last?.text === text ? last.starts : await runInSlices(blockStarts(text), signal);
  if (start === undefined || end === undefined) return { text, starts, passage: null };
  const span = await runInSlices(locate(text, { start, end }), signal);
  return { text, starts, passage: span.end > span.start ? span : null };
}
