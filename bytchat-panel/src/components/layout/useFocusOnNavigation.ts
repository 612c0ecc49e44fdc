// Whoever goes to another page begins there, also those who hear it.
import { type RefObject, useEffect, useRef } from 'react';
import { useLocation } from 'react-router';
import { sectionOf } from './section';

export function useFocusOnNavigation(content: RefObject<HTMLElement | null>): void {
  const section = sectionOf(useLocation().pathname);
  const before = useRef(section);
  useEffect(() => {
    if (before.current === section) return;
    before.current = section;
    // A page that has put the focus somewhere itself knows better.
    if (!content.current?.contains(document.activeElement)) content.current?.focus({ preventScroll: true });
  }, [section, content]);
}
