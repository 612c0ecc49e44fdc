// What may be sent, and which key sends it.

/** The API's limit, in Unicode characters. */
export const MAX_CHARACTERS = 16_000;
/** The counter appears when fewer than these are left. */
export const SHOWN_BELOW = 1_000;

export function charactersLeft(text: string): number {
  // A string counts an emoji as two; only near the limit is it worth counting well.
  const isNear = text.length > MAX_CHARACTERS - SHOWN_BELOW;
  return MAX_CHARACTERS - (isNear ? [...text.trim()].length : text.length);
}

export function isTooLong(text: string): boolean {
  return charactersLeft(text) < 0;
}

const IME_KEY_CODE = 229;

interface Pressed {
  key: string;
  shiftKey: boolean;
  isComposing: boolean;
  keyCode: number;
}

/** Enter sends, unless it begins a line or chooses a word of an input method; Safari says that by the key's code. */
export function isSending({ key, shiftKey, isComposing, keyCode }: Pressed): boolean {
  return key === 'Enter' && !shiftKey && !isComposing && keyCode !== IME_KEY_CODE;
}
