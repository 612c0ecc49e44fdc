// Keeps a popover under its input, or above it where there is more room, while anything scrolls or changes its size.
import { type RefObject, useLayoutEffect, useState } from 'react';

export interface Place {
  left: number;
  width: number;
  maxHeight: number;
  top?: number;
  bottom?: number;
}

const GAP = 4;
const MOST = 320;

export function useListboxPlace(isOpen: boolean, input: RefObject<HTMLElement | null>): Place | undefined {
  const [place, setPlace] = useState<Place>();
  useLayoutEffect(() => {
    if (!isOpen) return;
    const measure = () =>
      input.current && setPlace(placeBy(input.current.getBoundingClientRect(), window.innerHeight));
    measure();
    const events = new AbortController();
    window.addEventListener('scroll', measure, { capture: true, passive: true, signal: events.signal });
    window.addEventListener('resize', measure, { signal: events.signal });
    return () => events.abort();
  }, [isOpen, input]);
  return place;
}

export function placeBy(rect: Pick<DOMRect, 'left' | 'width' | 'top' | 'bottom'>, windowHeight: number): Place {
  const below = windowHeight - rect.bottom - 3 * GAP;
  const above = rect.top - 3 * GAP;
  const across = { left: rect.left, width: rect.width };
  if (below >= Math.min(MOST, 200) || below >= above) {
    return { ...across, top: rect.bottom + GAP, maxHeight: Math.min(MOST, below) };
  }
  return { ...across, bottom: windowHeight - rect.top + GAP, maxHeight: Math.min(MOST, above) };
}
