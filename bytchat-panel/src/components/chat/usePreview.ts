// When to show what a citation says: after resting on it, or at once when the keyboard reaches it.
import { type FocusEvent, useEffect, useMemo, useRef, useState } from 'react';

const SHOW_AFTER_MS = 250;
/** Long enough to move the pointer onto the preview. */
const HIDE_AFTER_MS = 150;

export function usePreview() {
  const [isShown, setIsShown] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const actions = useMemo(() => {
    const later = (shown: boolean, afterMs: number) => {
      clearTimeout(timer.current);
      timer.current = setTimeout(() => setIsShown(shown), afterMs);
    };
    const hide = () => {
      clearTimeout(timer.current);
      setIsShown(false);
    };
    const onPointerLeave = () => later(false, HIDE_AFTER_MS);
    const handlers = {
      onPointerEnter: () => later(true, SHOW_AFTER_MS),
      onPointerLeave,
      onFocus: (event: FocusEvent) => event.target.matches(':focus-visible') && setIsShown(true),
      onBlur: hide,
    };
    const stay = { onPointerEnter: () => clearTimeout(timer.current), onPointerLeave };
    return { hide, handlers, stay };
  }, []);
  return { isShown, ...actions };
}
