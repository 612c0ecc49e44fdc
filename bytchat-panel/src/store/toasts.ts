// Short words in a corner, for what happened elsewhere than where one looks.
import { create } from 'zustand';

export interface Toast {
  id: number;
  tone: 'ok' | 'danger';
  text: string;
}

interface Toasts {
  toasts: Toast[];
  show: (tone: Toast['tone'], text: string) => void;
  dismiss: (id: number) => void;
}

let lastId = 0;

export const useToasts = create<Toasts>()((set) => ({
  toasts: [],
  show: (tone, text) => set(({ toasts }) => ({ toasts: [...toasts.slice(-3), { id: ++lastId, tone, text }] })),
  dismiss: (id) => set(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) })),
}));
