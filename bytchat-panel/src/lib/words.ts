// The words of a text for comparing it with another one: without case, accents, endings and the commonest of them.
// Scripts without spaces between words are compared sign by sign.
const WORD = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{N}]+/gu;
const COMMON = new Set(
  `a al algo and ante are as at be by can como con cual cuando de del desde do does donde e el ella en entre es esa
  ese eso esta este esto for from ha han has have hay how i if in is it its la las le les lo los mas me mi muy no nos
  of on o or os para pero por porque que se segun ser si sin sobre son su sus tambien te that the their then there
  these this to tu u un una unas uno unos was what when where which who will with y ya yes yo you your`.split(
    /\s+/,
  ),
);
/** Plural and gender, where enough of the word is left. */
const ENDING = /(?<=.{3})(?:[aeo]?s|[aeo])$/;
const STEM_CHARACTERS = 6;

/** All of them, in order. */
export function wordsOf(text: string): string[] {
  const folded = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return folded.match(WORD) ?? [];
}

/** Those that carry meaning, each once, shortened so that «devuelve» and «devuelto» come near each other. */
export function stemsOf(words: readonly string[]): Set<string> {
  return new Set(words.filter((word) => !COMMON.has(word)).map(stemOf));
}

/** Whether it carries no meaning of its own, whatever its case and accents. */
export function isCommon(word: string): boolean {
  return wordsOf(word).every((part) => COMMON.has(part));
}

export function isNumber(word: string): boolean {
  return /\d/.test(word);
}

/** A single word of `wordsOf`, shortened alike. */
export function stemOf(word: string): string {
  return isNumber(word) ? word : word.replace(ENDING, '').slice(0, STEM_CHARACTERS);
}
