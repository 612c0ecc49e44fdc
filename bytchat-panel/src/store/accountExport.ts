// The file of all that an account owns, on its way here. It goes on while one looks at another page.
import { create } from 'zustand';
import { exportAccount } from '@/api/exportAccount';
import { saveFile } from '@/lib/saveFile';

/** `share` of 1 has come; null where nobody knows. */
export type ExportState =
  | { status: 'idle' }
  | { status: 'making' }
  | { status: 'coming'; share: number | null }
  | { status: 'saved' }
  | { status: 'failed'; error: unknown };

interface AccountExport {
  state: ExportState;
  start: () => Promise<void>;
}

export const useAccountExport = create<AccountExport>()((set, get) => ({
  state: { status: 'idle' },

  async start() {
    if (isUnderWay(get().state)) return;
    set({ state: { status: 'making' } });
    try {
      const { file, name } = await exportAccount((share) => set({ state: { status: 'coming', share } }));
      saveFile(file, name);
      set({ state: { status: 'saved' } });
    } catch (error) {
      set({ state: { status: 'failed', error } });
    }
  },
}));

export function isUnderWay({ status }: ExportState): boolean {
  return status === 'making' || status === 'coming';
}
