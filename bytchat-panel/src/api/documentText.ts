// A document's text as it comes in, megabytes of it, without passing through JSON.
import { API_URL, callHeaders, isAbort, reportRefusal } from './client';
import { networkProblem, toProblem } from './problem';

interface Options {
  signal: AbortSignal;
  /** The share that has come, from 0 to 1; null where the size is not known. */
  onProgress: (share: number | null) => void;
}

/** Throws a `Problem`, or the `AbortError` of a call that was given up. */
export async function readDocumentText(botId: string, documentId: string, options: Options): Promise<string> {
  try {
    const headers = callHeaders();
    const address = `${API_URL}/bots/${botId}/documents/${documentId}/text`;
    const response = await fetch(address, { headers, signal: options.signal });
    reportRefusal(response.status, headers.Authorization?.slice('Bearer '.length) ?? null);
    if (!response.ok) throw toProblem(response, await response.json().catch(() => null));
    return response.body ? await readText(response.body, sizeOf(response), options.onProgress) : '';
  } catch (error) {
    if (isAbort(error) || !(error instanceof TypeError)) throw error;
    // What fetch throws when the connection breaks.
    throw networkProblem();
  }
}

async function readText(
  body: ReadableStream<Uint8Array>,
  sizeBytes: number | null,
  onProgress: Options['onProgress'],
): Promise<string> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  const pieces: string[] = [];
  let readBytes = 0;
  while (true) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(decoder.decode(value, { stream: true }));
    readBytes += value.length;
    onProgress(sizeBytes === null ? null : Math.min(1, readBytes / sizeBytes));
  }
  return pieces.join('') + decoder.decode();
}

/** The bytes to come; a compressed body's length says nothing of them. */
function sizeOf({ headers }: Response): number | null {
  const length = Number(headers.get('Content-Length'));
  return length > 0 && !headers.get('Content-Encoding') ? length : null;
}
