/** The browser may still be reading it when the click is over. */
const KEPT_MS = 60_000;

/** Hand a file to the browser, which saves it where it saves what is downloaded. */
export function saveFile(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}
