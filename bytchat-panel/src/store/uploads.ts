// Files on their way to bots. They go on while one looks at another page, and end with the session.
import { create } from 'zustand';
import { isAbort } from '@/api/client';
import type { BotDocument } from '@/api/types';
import { uploadDocument } from '@/api/upload';
import { type Refusal, refusalOf } from '@/lib/uploadFile';
import { useSession } from './session';

/** `stored` is only for what the bot had already: what is new is among its documents. */
export type UploadState =
  | { status: 'refused'; reason: Refusal }
  | { status: 'waiting' }
  | { status: 'sending'; sentBytes: number }
  | { status: 'failed'; error: unknown }
  | { status: 'known'; document: BotDocument };

export interface Upload {
  id: number;
  botId: string;
  file: File;
  state: UploadState;
}

export type OnStored = (document: BotDocument) => void;

interface Uploads {
  uploads: Upload[];
  /** Queue files; `onStored` is told of each that the server has, new or known. */
  add: (botId: string, files: readonly File[], onStored: OnStored) => void;
  retry: (id: number) => void;
  /** Give up what is under way, or take away what is over. */
  remove: (id: number) => void;
  clear: () => void;
}

const AT_ONCE = 3;

/** What an upload needs and nobody draws. */
interface Job {
  onStored: OnStored;
  abort: AbortController;
}

const jobs = new Map<number, Job>();
let lastId = 0;

export const useUploads = create<Uploads>()((set, get) => {
  const change = (id: number, state: UploadState) =>
    set(({ uploads }) => ({ uploads: uploads.map((one) => (one.id === id ? { ...one, state } : one)) }));

  const forget = (id: number) => {
    jobs.delete(id);
    set(({ uploads }) => ({ uploads: uploads.filter((one) => one.id !== id) }));
  };

  const pump = () => {
    const sending = get().uploads.filter(({ state }) => state.status === 'sending').length;
    const waiting = get().uploads.filter(({ state }) => state.status === 'waiting');
    for (const upload of waiting.slice(0, Math.max(0, AT_ONCE - sending))) void send(upload);
  };

  const send = async ({ id, botId, file }: Upload) => {
    const job = jobs.get(id);
    if (!job) return;
    change(id, { status: 'sending', sentBytes: 0 });
    const onProgress = (sent: number, total: number) =>
      change(id, { status: 'sending', sentBytes: Math.round((sent / Math.max(1, total)) * file.size) });
    try {
      const { document, isKnown } = await uploadDocument(botId, file, { signal: job.abort.signal, onProgress });
      job.onStored(document);
      if (isKnown) change(id, { status: 'known', document });
      else forget(id);
    } catch (error) {
      if (!isAbort(error)) change(id, { status: 'failed', error });
    }
    pump();
  };

  return {
    uploads: [],

    add(botId, files, onStored) {
      const added = files.map((file) => newUpload(botId, file));
      for (const { id } of added) jobs.set(id, { onStored, abort: new AbortController() });
      set(({ uploads }) => ({ uploads: [...uploads, ...added] }));
      pump();
    },

    retry(id) {
      if (get().uploads.find((one) => one.id === id)?.state.status !== 'failed') return;
      change(id, { status: 'waiting' });
      pump();
    },

    remove(id) {
      const job = jobs.get(id);
      forget(id);
      job?.abort.abort();
      pump();
    },

    clear() {
      for (const { id } of get().uploads) jobs.get(id)?.abort.abort();
      jobs.clear();
      set({ uploads: [] });
    },
  };
});

function newUpload(botId: string, file: File): Upload {
  const reason = refusalOf(file);
  const state: UploadState = reason ? { status: 'refused', reason } : { status: 'waiting' };
  return { id: ++lastId, botId, file, state };
}

// The browser asks before the page is closed on files that are still on their way.
window.addEventListener('beforeunload', (event) => {
  const isUnderWay = useUploads.getState().uploads.some(({ state }) => isGoing(state));
  if (isUnderWay) event.preventDefault();
});

function isGoing({ status }: UploadState): boolean {
  return status === 'waiting' || status === 'sending';
}

// Nobody's files may be sent, or seen, after a logout.
useSession.subscribe((now, before) => {
  if (now.status === 'out' && before.status !== 'out') useUploads.getState().clear();
});
