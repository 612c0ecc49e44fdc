// The words of a cited passage in a small box beside its number, in the browser's top layer.
import { type PointerEventHandler, type RefObject, useEffect, useLayoutEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Citation } from '@/api/types';
import { place } from '@/lib/placement';

interface Props {
  citation: Citation;
  anchor: RefObject<HTMLElement | null>;
  onHide: () => void;
  onPointerEnter: PointerEventHandler;
  onPointerLeave: PointerEventHandler;
}

export function QuotePreview({ citation, anchor, onHide, onPointerEnter, onPointerLeave }: Props) {
  const { t } = useTranslation('chat');
  const box = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    const [element, button] = [box.current, anchor.current];
    if (!element || !button) return;
    element.showPopover();
    const screen = { width: window.innerWidth, height: window.innerHeight };
    const { left, top } = place(button.getBoundingClientRect(), element.getBoundingClientRect(), screen);
    element.style.left = `${left}px`;
    element.style.top = `${top}px`;
  }, [anchor]);
  useEffect(() => {
    const events = new AbortController();
    const options = { signal: events.signal, capture: true };
    document.addEventListener('keydown', ({ key }) => key === 'Escape' && onHide(), options);
    document.addEventListener('scroll', onHide, options);
    return () => events.abort();
  }, [onHide]);
  return (
    <span
      ref={box}
      popover="manual"
      role="tooltip"
      onPointerEnter={onPointerEnter}
      onPointerLeave={onPointerLeave}
      className="fixed inset-auto m-0 w-80 max-w-[calc(100vw-1rem)] rounded-xl border border-line bg-surface p-3 text-left text-ink text-sm leading-5 shadow-raised"
    >
      <span className="mb-1 block truncate font-medium text-muted text-xs">{citation.filename}</span>
      {citation.document_id === null && (
        <span className="mb-1 block text-warn text-xs leading-[18px]">{t('citation.gone')}</span>
      )}
      <span className="line-clamp-6 block whitespace-pre-line">{citation.quote.trim()}</span>
    </span>
  );
}
