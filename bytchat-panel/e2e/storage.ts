// What a browser still knows: its stores, and the memory of the page.
import type { Page } from 'playwright-core';

/** All that this origin has stored, as one text. */
export function stored(tab: Page): Promise<string> {
  return tab.evaluate(async () =>
    JSON.stringify({
      local: { ...localStorage },
      session: { ...sessionStorage },
      databases: await indexedDB.databases(),
      caches: await caches.keys(),
      cookies: document.cookie,
      history: history.state as unknown,
      name: window.name,
    }),
  );
}

/** Every string of the page's JavaScript heap, after its garbage is gone. */
export async function heapStrings(tab: Page): Promise<string[]> {
  const devtools = await tab.context().newCDPSession(tab);
  const chunks: string[] = [];
  devtools.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => chunks.push(chunk));
  await devtools.send('HeapProfiler.enable');
  await devtools.send('HeapProfiler.collectGarbage');
  await devtools.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  await devtools.detach();
  return (JSON.parse(chunks.join('')) as { strings: string[] }).strings;
}
