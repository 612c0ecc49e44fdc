// A block of a document's text, with what is marked in it.
import { memo } from 'react';
import { classes } from '@/lib/classes';
import type { Span } from '@/lib/codePoints';
import { type Segment, segmentsOf } from '@/lib/textSegments';

export interface Marks {
  passage: Span | null;
  sentence: Span | null;
  matches: readonly Span[];
  current: Span | null;
}

interface Props {
  text: string;
  start: number;
  end: number;
  marks: Marks;
}

/** `data-at` is where a mark begins: by it the viewer finds it on the screen. */
export const TextBlock = memo(function TextBlock({ text, start, end, marks }: Props) {
  return segmentsOf({ start, end }, marks).map((segment) => {
    const words = text.slice(segment.start, segment.end);
    if (!segment.isPassage && segment.match === 'none') return words;
    return (
      <mark
        key={segment.start}
        data-at={segment.start}
        data-passage={segment.isPassage || undefined}
        data-sentence={segment.isSentence || undefined}
        className={classes('rounded-sm py-0.5 text-ink', look(segment, marks.sentence !== null))}
      >
        {words}
      </mark>
    );
  });
});

/** The sentence stands out of its passage, where there is one. */
function look({ isPassage, isSentence, match }: Segment, hasSentence: boolean): string {
  if (match === 'current') return 'bg-accent text-on-accent';
  if (match === 'one') return 'bg-accent-soft underline decoration-2 decoration-accent underline-offset-2';
  if (isSentence) return 'bg-mark underline decoration-2 decoration-warn underline-offset-[5px]';
  if (isPassage) return hasSentence ? 'bg-mark-soft' : 'bg-mark';
  return '';
}
