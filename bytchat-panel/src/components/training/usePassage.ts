// The passage that is open beside the page; closing it gives the focus back to what opened it.
import { useCallback, useRef, useState } from 'react';
import type { Citation } from '@/api/types';

export function usePassage() {
  const [passage, setPassage] = useState<(Citation & { said: string }) | null>(null);
  const opener = useRef<Element | null>(null);
  const openPassage = useCallback((citation: Citation, said: string) => {
    opener.current = document.activeElement;
    setPassage({ ...citation, said });
  }, []);
  const closePassage = useCallback(() => {
    setPassage(null);
    if (opener.current instanceof HTMLElement) opener.current.focus();
  }, []);
  return { passage, openPassage, closePassage };
}
