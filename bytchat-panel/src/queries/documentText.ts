// The stored text of a document. It never changes, so it is asked for once; it may be large, so it is soon let go.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { readDocumentText } from '@/api/documentText';
import { keys } from './keys';

const KEEP_MS = 60_000;

/** The text, and the share of it that has come: null where nobody knows. */
export function useDocumentText(botId: string, documentId: string) {
  const [share, setShare] = useState<number | null>(0);
  const query = useQuery({
    queryKey: keys.documentText(botId, documentId),
    // In steps of a percent: a draw for each piece of the network's would be a thousand of them.
    queryFn: ({ signal }) =>
      readDocumentText(botId, documentId, {
        signal,
        onProgress: (now) => setShare(now === null ? null : Math.round(now * 100) / 100),
      }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: KEEP_MS,
    structuralSharing: false,
  });
  return { query, share };
}
