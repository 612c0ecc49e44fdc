// Opens a native <dialog> for as long as its component lives: Escape and the backdrop close it, focus goes back.
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';

const FIELDS = 'input:not([type="hidden"]):not(:disabled), textarea:not(:disabled), select:not(:disabled)';

/** Put `data-autofocus` on what should have the focus first; else it is the first field, else the dialog. */
export function useModal(onClose: () => void): RefObject<HTMLDialogElement | null> {
  const dialog = useRef<HTMLDialogElement>(null);
  const latestOnClose = useRef(onClose);
  const [opener] = useState(() => document.activeElement);

  useEffect(() => {
    latestOnClose.current = onClose;
  });

  useLayoutEffect(() => {
    const element = dialog.current;
    if (!element) return;
    const stopListening = listenForClosing(element, () => latestOnClose.current());
    element.showModal();
    (find(element, '[data-autofocus]') ?? find(element, FIELDS) ?? element).focus();
    return () => {
      stopListening();
      element.close();
      giveFocusBack(opener);
    };
  }, [opener]);

  return dialog;
}

const find = (inside: Element, selector: string) => inside.querySelector<HTMLElement>(selector);

function listenForClosing(dialog: HTMLDialogElement, close: () => void): () => void {
  const events = new AbortController();
  let isPressedOutside = false;
  const on = <K extends keyof HTMLElementEventMap>(name: K, listener: (event: HTMLElementEventMap[K]) => void) =>
    dialog.addEventListener(name, listener, { signal: events.signal });
  on('cancel', (event) => {
    if (event.target !== dialog) return;
    event.preventDefault();
    close();
  });
  // Some browsers close at the second Escape without asking. One that is open again was not closed by anybody.
  on('close', (event) => event.target === dialog && !dialog.open && close());
  on('pointerdown', (event) => {
    isPressedOutside = event.target === dialog;
  });
  // A press that began inside, as when text is marked, does not close.
  on('click', (event) => isPressedOutside && event.target === dialog && close());
  return () => events.abort();
}

function giveFocusBack(opener: Element | null): void {
  const isThere = opener instanceof HTMLElement && opener.isConnected && opener !== document.body;
  (isThere ? opener : document.getElementById('content'))?.focus({ preventScroll: true });
}
