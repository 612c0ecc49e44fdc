// Scrolls to a place in a virtual text: first to its block, by estimate, then to the mark itself once it is drawn.
import type { Virtualizer } from '@tanstack/react-virtual';
import { type RefObject, useCallback, useEffect, useRef } from 'react';

const FRAMES = 20;
const SETTLED_FRAMES = 3;
/** The mark comes to stand this far down. */
const DOWN = 0.3;

type Rows = Virtualizer<HTMLElement, Element>;

/** `goTo(block, at)`: the block's place among the rows, and where in the text the mark begins. */
export function useGoTo(scroller: RefObject<HTMLElement | null>, rows: Rows): (block: number, at: number) => void {
  const frame = useRef(0);
  useEffect(() => () => cancelAnimationFrame(frame.current), []);
  return useCallback(
    (block: number, at: number) => {
      cancelAnimationFrame(frame.current);
      rows.scrollToIndex(block, { align: 'start' });
      const settle = (left: number, settled: number) => {
        const element = scroller.current;
        if (!element || left === 0 || settled === SETTLED_FRAMES) return;
        const isThere = bringIntoView(element, at);
        frame.current = requestAnimationFrame(() => settle(left - 1, isThere ? settled + 1 : 0));
      };
      frame.current = requestAnimationFrame(() => settle(FRAMES, 0));
    },
    [scroller, rows],
  );
}

/** Whether the mark stood where it should already. */
function bringIntoView(scroller: HTMLElement, at: number): boolean {
  const mark = scroller.querySelector(`[data-at="${at}"]`);
  if (!mark) return false;
  const view = scroller.getBoundingClientRect();
  const target = scroller.scrollTop + mark.getBoundingClientRect().top - view.top - view.height * DOWN;
  const before = scroller.scrollTop;
  scroller.scrollTop = target;
  return Math.abs(scroller.scrollTop - before) < 2;
}
