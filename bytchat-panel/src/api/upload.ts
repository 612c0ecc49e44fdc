// A file on its way to a bot: over XMLHttpRequest, which alone tells how much has been sent.
import { API_URL, callHeaders, reportRefusal } from './client';
import { networkProblem, parseJson, problemOfRequest } from './problem';
import type { BotDocument } from './types';

export interface Uploaded {
  document: BotDocument;
  /** The bot had these very bytes already. */
  isKnown: boolean;
}

interface Options {
  signal: AbortSignal;
  onProgress: (sentBytes: number, totalBytes: number) => void;
}

/** Throws a `Problem`, or the `AbortError` of an upload that was given up. */
export async function uploadDocument(
  botId: string,
  file: File,
  { signal, onProgress }: Options,
): Promise<Uploaded> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const headers = callHeaders();
    const request = new XMLHttpRequest();
    request.open('POST', `${API_URL}/bots/${botId}/train`);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onProgress(loaded, total);
    request.onload = () => {
      reportRefusal(request.status, headers.Authorization?.slice('Bearer '.length) ?? null);
      if (request.status !== 200 && request.status !== 202) {
        return reject(problemOfRequest(request, request.responseText));
      }
      const document = parseJson(request.responseText) as BotDocument;
      resolve({ document, isKnown: request.status === 200 });
    };
    request.onerror = () => reject(networkProblem());
    request.onabort = () => reject(new DOMException('The upload was given up.', 'AbortError'));
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(formOf(file));
  });
}

function formOf(file: File): FormData {
  const form = new FormData();
  form.append('file', file, file.name);
  return form;
}
