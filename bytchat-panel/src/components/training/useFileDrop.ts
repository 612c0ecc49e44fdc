// Files dropped anywhere on the page: beside the zone a browser would open them and leave the panel.
import { useEffect, useEffectEvent, useState } from 'react';

/** Whether files are being dragged over the page; `onFiles` gets those that are dropped. */
export function useFileDrop(onFiles: (files: File[]) => void): boolean {
  const [isOver, setIsOver] = useState(false);
  const take = useEffectEvent(onFiles);
  useEffect(() => {
    const left = new AbortController();
    const listen = (name: 'dragover' | 'dragleave' | 'drop', does: (event: DragEvent) => void) =>
      window.addEventListener(name, (event) => hasFiles(event) && does(event), { signal: left.signal });
    listen('dragover', (event) => {
      event.preventDefault();
      setIsOver(true);
    });
    // Only what leaves the window has nothing that it goes to.
    listen('dragleave', (event) => event.relatedTarget === null && setIsOver(false));
    listen('drop', (event) => {
      event.preventDefault();
      setIsOver(false);
      take([...(event.dataTransfer?.files ?? [])]);
    });
    return () => left.abort();
  }, []);
  return isOver;
}

function hasFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes('Files') ?? false;
}
