// The text itself: of megabytes of it only the blocks on the screen are drawn.
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useEffectEvent, useRef } from 'react';
import { blockAt, countBlocks, PART_BLOCKS } from '@/lib/textLines';
import { type Marks, TextBlock } from './TextBlock';
import { useGoTo } from './useGoTo';
import type { IndexedText } from './useTextIndex';

/** A place in the text to be shown. A new object asks for it again. */
export interface Target {
  at: number;
}

interface Props {
  label: string;
  index: IndexedText;
  part: number;
  marks: Marks;
  target: Target | null;
  /** Told of the first unit on the screen. */
  onMove: (at: number) => void;
}

const LINE_PX = 26;
const CHARACTERS_A_LINE = 80;

export function TextPane({ label, index, part, marks, target, onMove }: Props) {
  const { text, starts } = index;
  const scroller = useRef<HTMLElement>(null);
  const first = part * PART_BLOCKS;
  const startOf = (row: number) => starts[first + row] ?? text.length;
  const rows = useVirtualizer({
    count: Math.min(PART_BLOCKS, countBlocks(starts) - first),
    getScrollElement: () => scroller.current,
    estimateSize: (row) => LINE_PX * Math.ceil((startOf(row + 1) - startOf(row)) / CHARACTERS_A_LINE),
    getItemKey: (row) => first + row,
    overscan: 3,
    useFlushSync: false,
  });
  const goTo = useGoTo(scroller, rows);
  const show = useEffectEvent(({ at }: Target) => goTo(blockAt(starts, at) - first, at));
  useEffect(() => {
    if (target) show(target);
  }, [target]);
  const move = () => onMove(startOf(rows.getVirtualItemForOffset(scroller.current?.scrollTop ?? 0)?.index ?? 0));
  return (
    // biome-ignore-start lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
    <section
      ref={scroller}
      aria-label={label}
      tabIndex={0}
      onScroll={move}
      className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-5 py-5 [overflow-anchor:none] sm:px-8"
    >
      <div className="relative mx-auto max-w-[46rem]" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index: row, key, start }) => (
          <div
            key={key}
            ref={rows.measureElement}
            data-index={row}
            style={{ transform: `translateY(${start}px)` }}
            className="wrap-anywhere absolute inset-x-0 top-0 whitespace-pre-wrap text-[15px] leading-[26px]"
          >
            <TextBlock text={text} start={startOf(row)} end={startOf(row + 1)} marks={marks} />
          </div>
        ))}
      </div>
    </section>
    // biome-ignore-end lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
  );
}
