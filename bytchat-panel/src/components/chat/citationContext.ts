// The passages that the answer around a citation was given, and how to open one.
import { createContext } from 'react';
import type { Citation } from '@/api/types';

export interface Citations {
  byNumber: ReadonlyMap<number, Citation>;
  open: (citation: Citation, said: string) => void;
}

export const CitationContext = createContext<Citations>({ byNumber: new Map(), open: () => {} });
