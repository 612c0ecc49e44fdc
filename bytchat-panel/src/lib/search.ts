// Finding by what people type: accents, case and the order of words do not count.

/** Lower case without accents, as it is compared. */
export function fold(text: string): string {
  return text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '');
}

/** Whether every word of the query is somewhere in the texts. */
export function isMatch(query: string, texts: readonly string[]): boolean {
  const haystack = fold(texts.join('\n'));
  return fold(query)
    .split(/\s+/)
    .every((word) => haystack.includes(word));
}
