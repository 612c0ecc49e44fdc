// Which sentence of a cited passage an answer stands on: the one that it says, or else the one nearest to it.
import type { Span } from './codePoints';
import { sentencesOf } from './sentences';
import { isNumber, stemsOf, wordsOf } from './words';

interface Sentence extends Span {
  words: readonly string[];
  stems: ReadonlySet<string>;
}

/** Fewer words in a row may stand anywhere by chance. */
const LEAST_WORDS_IN_A_ROW = 4;
/** Of what the answer says, the share that a sentence must hold to be the one. */
const LEAST_SHARE = 0.4;
/** A mark belongs to what stands right before it. */
const MAX_SAID_CHARACTERS = 3000;

/**
 * Where in `quote` the sentence is that `said`, an answer's words before its mark, speaks of, in UTF-16 units.
 * Null where none shares enough with it. The last sentence said counts, or one before it where that fits nothing.
 */
export function citedSentence(quote: string, said: string): Span | null {
  const sentences = readSentences(quote);
  for (const claim of readSentences(said.slice(-MAX_SAID_CHARACTERS)).reverse()) {
    const found = repeated(sentences, claim.words) ?? nearest(sentences, claim.stems);
    if (found) return { start: found.start, end: found.end };
  }
  return null;
}

function readSentences(text: string): Sentence[] {
  return sentencesOf(text).map(({ start, end }) => {
    const words = wordsOf(text.slice(start, end));
    return { start, end, words, stems: stemsOf(words) };
  });
}

/** The sentence in which `words` stand as they are; of two that share them, the one that has more of them. */
function repeated(sentences: readonly Sentence[], words: readonly string[]): Sentence | null {
  const all = sentences.flatMap((sentence) => sentence.words.map((word) => ({ word, sentence })));
  const at = all.findIndex((_, from) => words.every((word, i) => all[from + i]?.word === word));
  if (at < 0 || words.length === 0) return null;
  const touched = all.slice(at, at + words.length).map(({ sentence }) => sentence);
  const shareOf = (one: Sentence) => touched.filter((other) => other === one).length;
  const best = touched.reduce((one, other) => (shareOf(other) > shareOf(one) ? other : one));
  return words.length >= LEAST_WORDS_IN_A_ROW || words.length === best.words.length ? best : null;
}

/** The sentence that shares most with the claim, the passage's rarer words counting for more. */
function nearest(sentences: readonly Sentence[], claim: ReadonlySet<string>): Sentence | null {
  const rarity = new Map([...claim].map((stem) => [stem, rarityOf(stem, sentences)]));
  const ranked = sentences
    .map((sentence) => ({
      sentence,
      weight: sum(shared(claim, sentence.stems).map((stem) => rarity.get(stem) ?? 0)),
    }))
    .sort((one, other) => other.weight - one.weight || one.sentence.stems.size - other.sentence.stems.size);
  const best = ranked[0]?.sentence;
  return best && isEnough(claim, best.stems) ? best : null;
}

function rarityOf(stem: string, sentences: readonly Sentence[]): number {
  const holding = sentences.filter(({ stems }) => stems.has(stem)).length;
  return Math.log(1 + sentences.length / Math.max(1, holding));
}

/** One word in common may be chance, unless it is a figure and all that was said. */
function isEnough(claim: ReadonlySet<string>, stems: ReadonlySet<string>): boolean {
  const common = shared(claim, stems);
  if (common.length < 2) return common.length === claim.size && common.some(isNumber);
  return common.length >= LEAST_SHARE * claim.size;
}

function shared(claim: ReadonlySet<string>, stems: ReadonlySet<string>): string[] {
  return [...claim].filter((stem) => stems.has(stem));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
