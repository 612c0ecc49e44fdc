// What a screen reader should be told although the focus is elsewhere.
import { create } from 'zustand';

interface Announcer {
  said: { id: number; text: string } | null;
}

export const useAnnouncer = create<Announcer>()(() => ({ said: null }));

let lastId = 0;

/** Say it politely: after what is being read. The same words twice are said twice. */
export function announce(text: string): void {
  useAnnouncer.setState({ said: { id: ++lastId, text } });
}
