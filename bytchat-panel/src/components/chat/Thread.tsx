// The turns of a conversation, of which only those in view are drawn; it follows its end while one is there.
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown } from 'lucide-react';
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Message } from '@/api/types';
import { Button } from '@/components/ui/Button';
import { END_REACH_PX, isAtEnd } from '@/lib/scroll';
import type { Turn } from '@/lib/turns';
import { TurnRow } from './TurnRow';

interface Props {
  turns: readonly Turn<Message>[];
  /** The answer that is coming, if it is to the last question. */
  followedId: string | undefined;
}

const ESTIMATED_PX = 320;

export function Thread({ turns, followedId }: Props) {
  const { t } = useTranslation('chat');
  const scroller = useRef<HTMLDivElement>(null);
  const isEndShown = useIsEndShown(scroller);
  const virtualizer = useVirtualizer({
    count: turns.length,
    getScrollElement: () => scroller.current,
    getItemKey: (index) => turns[index]?.key ?? index,
    estimateSize: () => ESTIMATED_PX,
    overscan: 4,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: END_REACH_PX,
  });
  const toEnd = useRef(() => virtualizer.scrollToEnd());
  useLayoutEffect(() => toEnd.current(), []);
  useEffect(() => {
    if (followedId !== undefined) toEnd.current();
  }, [followedId]);

  return (
    <div className="relative min-h-0 flex-1">
      <section
        ref={scroller}
        aria-label={t('thread.label')}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
        tabIndex={0}
        className="h-full overflow-y-auto overscroll-contain [overflow-anchor:none] focus-visible:-outline-offset-2"
      >
        <div className="relative w-full" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map(({ key, index, start }) => {
            const turn = turns[index];
            return (
              turn && (
                <div
                  key={key}
                  ref={virtualizer.measureElement}
                  data-index={index}
                  className="absolute inset-x-0 top-0"
                  style={{ transform: `translateY(${start}px)` }}
                >
                  <TurnRow turn={turn} />
                </div>
              )
            );
          })}
        </div>
      </section>
      {!isEndShown && (
        <Button
          size="sm"
          icon={ArrowDown}
          onClick={() => virtualizer.scrollToEnd()}
          className="absolute bottom-3 left-1/2 -translate-x-1/2 rounded-full shadow-raised"
        >
          {t('thread.toEnd')}
        </Button>
      )}
    </div>
  );
}

function useIsEndShown(scroller: RefObject<HTMLElement | null>): boolean {
  const [isShown, setIsShown] = useState(true);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const look = () => setIsShown(isAtEnd(element));
    element.addEventListener('scroll', look, { passive: true });
    return () => element.removeEventListener('scroll', look);
  }, [scroller]);
  return isShown;
}
