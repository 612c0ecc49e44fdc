// All that an account owns as one file: over XMLHttpRequest, which tells how much has come, and whose blobs browsers
// keep on disk where they are large.
import { API_URL, callHeaders, reportRefusal } from './client';
import { networkProblem, problemOfRequest } from './problem';

export interface Export {
  file: Blob;
  name: string;
}

/** `onProgress` tells which share of 1 has come; null where nobody knows how much it is. Throws a `Problem`. */
export async function exportAccount(onProgress: (share: number | null) => void): Promise<Export> {
  return new Promise((resolve, reject) => {
    const headers = callHeaders();
    const request = new XMLHttpRequest();
    request.open('GET', `${API_URL}/users/me/export`);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.responseType = 'blob';
    request.onprogress = ({ loaded, total, lengthComputable }) =>
      onProgress(lengthComputable && total > 0 ? loaded / total : null);
    request.onload = async () => {
      const file = request.response as Blob;
      if (request.status === 200) return resolve({ file, name: nameOf(request) });
      reportRefusal(request.status, headers.Authorization?.slice('Bearer '.length) ?? null);
      reject(problemOfRequest(request, await file.text()));
    };
    request.onerror = () => reject(networkProblem());
    request.send();
  });
}

function nameOf(request: XMLHttpRequest): string {
  const said = request.getResponseHeader('Content-Disposition')?.match(/filename="([\w.-]+)"/)?.[1];
  return said ?? `bytchat-${new Date().toISOString().slice(0, 10)}.json`;
}
