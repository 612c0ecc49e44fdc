// Cuts a text into blocks, and finds the cited passage in it, without holding up the page.
import { useEffect, useRef, useState } from 'react';
import { citedSentence } from '@/lib/citedSentence';
import { locate, type Span } from '@/lib/codePoints';
import { runInSlices } from '@/lib/slices';
import { blockStarts } from '@/lib/textLines';

/** A text that can be drawn: where its blocks begin, and the passage in the text's own units. */
export interface IndexedText {
  text: string;
  starts: number[];
  passage: Span | null;
  /** Of the passage, the sentence that an answer speaks of. */
  sentence: Span | null;
}

/** Null until it is ready. `start` and `end` are the passage's, in code points. */
export function useTextIndex(
  text: string | undefined,
  start?: number,
  end?: number,
  said = '',
): IndexedText | null {
  const [index, setIndex] = useState<IndexedText | null>(null);
  const last = useRef<IndexedText | null>(null);
  useEffect(() => {
    if (text === undefined) return;
    const left = new AbortController();
    makeIndex(text, start, end, last.current, left.signal).then(
      (found) => {
        const made = { ...found, sentence: found.passage && sentenceIn(text, found.passage, said) };
        last.current = made;
        setIndex(made);
      },
      // Given up: another text or passage is wanted, or nobody looks.
      () => {},
    );
    return () => left.abort();
  }, [text, start, end, said]);
  return index?.text === text ? index : null;
}

async function makeIndex(
  text: string,
  start: number | undefined,
  end: number | undefined,
  last: IndexedText | null,
  signal: AbortSignal,
): Promise<Omit<IndexedText, 'sentence'>> {
  const starts = last?.text === text ? last.starts : await runInSlices(blockStarts(text), signal);
  if (start === undefined || end === undefined) return { text, starts, passage: null };
  const span = await runInSlices(locate(text, { start, end }), signal);
  return { text, starts, passage: span.end > span.start ? span : null };
}

function sentenceIn(text: string, passage: Span, said: string): Span | null {
  const sentence = citedSentence(text.slice(passage.start, passage.end), said);
  return sentence && { start: passage.start + sentence.start, end: passage.start + sentence.end };
}
