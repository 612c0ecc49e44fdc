// The open list of a menu, in the browser's top layer beside its button.
import { type KeyboardEvent, type RefObject, useEffect, useLayoutEffect, useRef } from 'react';
import { classes } from '@/lib/classes';
import { place } from '@/lib/placement';
import type { MenuItem } from './Menu';
import { nextItem } from './menuKeys';

interface Props {
  anchor: RefObject<HTMLButtonElement | null>;
  label: string;
  items: readonly MenuItem[];
  onClose: (givesFocusBack: boolean) => void;
}

export function MenuList({ anchor, label, items, onClose }: Props) {
  const list = useRef<HTMLDivElement>(null);
  useOpenedBeside(list, anchor);
  useClosedFromOutside(list, anchor, () => onClose(false));

  const buttons = () => [...(list.current?.querySelectorAll<HTMLElement>('[role="menuitem"]') ?? [])];
  const press = (event: KeyboardEvent) => {
    if (event.key === 'Tab') return onClose(true);
    const all = buttons();
    const current = all.findIndex((one) => one.matches(':focus'));
    const labels = items.map((item) => item.label);
    const next = nextItem(event.key, current, labels);
    if (next === null && event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    if (next === null) onClose(true);
    else all[next]?.focus();
  };
  const select = (item: MenuItem) => {
    onClose(true);
    item.onSelect();
  };
  return (
    <div
      ref={list}
      popover="manual"
      role="menu"
      tabIndex={-1}
      aria-label={label}
      onKeyDown={press}
      className="panel-menu fixed inset-auto m-0 max-w-[calc(100vw-1rem)] rounded-xl border border-line bg-surface p-1 text-ink shadow-raised"
    >
      {items.map((item) => (
        <button
          key={item.label}
          type="button"
          role="menuitem"
          tabIndex={-1}
          onClick={() => select(item)}
          className={classes(
            'flex h-9 w-full items-center gap-2.5 rounded-lg px-3 text-left text-sm hover:bg-sunken focus-visible:-outline-offset-2',
            item.tone === 'danger' && 'text-danger hover:bg-danger-soft',
          )}
        >
          {item.icon && <item.icon aria-hidden className="size-4 shrink-0" />}
          <span className="truncate">{item.label}</span>
        </button>
      ))}
    </div>
  );
}

const NARROWEST = 176;

type Ref<T> = RefObject<T | null>;

function useOpenedBeside(list: Ref<HTMLElement>, anchor: Ref<HTMLElement>): void {
  useLayoutEffect(() => {
    const [element, button] = [list.current, anchor.current];
    if (!element || !button) return;
    element.showPopover();
    const anchored = button.getBoundingClientRect();
    element.style.minWidth = `${Math.max(NARROWEST, anchored.width)}px`;
    const { left, top } = place(anchored, element.getBoundingClientRect(), {
      width: window.innerWidth,
      height: window.innerHeight,
    });
    element.style.left = `${left}px`;
    element.style.top = `${top}px`;
    element.querySelector<HTMLElement>('[role="menuitem"]')?.focus();
  }, [list, anchor]);
}

function useClosedFromOutside(list: Ref<HTMLElement>, anchor: Ref<HTMLElement>, close: () => void): void {
  const latest = useRef(close);
  useEffect(() => {
    latest.current = close;
  });
  useEffect(() => {
    const events = new AbortController();
    const onPointer = ({ target }: Event) => {
      const isInside =
        target instanceof Node && (list.current?.contains(target) || anchor.current?.contains(target));
      if (!isInside) latest.current();
    };
    const options = { signal: events.signal, capture: true };
    document.addEventListener('pointerdown', onPointer, options);
    document.addEventListener('scroll', () => latest.current(), options);
    window.addEventListener('resize', () => latest.current(), options);
    return () => events.abort();
  }, [list, anchor]);
}
