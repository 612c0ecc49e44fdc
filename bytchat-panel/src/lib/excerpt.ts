// Where to begin reading a passage that is longer than the room for it: at what the question is about.
import type { Span } from './codePoints';
import { type Hit, hitsIn } from './hits';
import { sentencesOf } from './sentences';

/** The lines that are seen of a passage, and the least characters that one of them holds: a phone's. */
const SEEN_LINES = 6;
const LINE_CHARACTERS = 38;
/** What is shown before a hit that lies deep in its sentence. */
const BEFORE_CHARACTERS = 60;
/** A code tells more than words do. */
const CODE_WEIGHT = 3;

/** In UTF-16 units; 0 where the beginning shows it, or nothing of the question is in the passage. */
export function excerptStart(text: string, query: string): number {
  const hits = hitsIn(text, query);
  const sentences = sentencesOf(text);
  const rarity = rarityOf(hits, sentences);
  const weighs = ({ key }: Hit) => rarity.get(key) ?? 0;
  const best = heaviest(sentences, (sentence) => weightOf(within(hits, sentence), weighs));
  const hit = best && heaviest(within(hits, best), weighs);
  if (!hit || isSeen(text, 0, hit.end)) return 0;
  const lineStart = text.lastIndexOf('\n', best.start) + 1;
  // Its bullet belongs to it.
  const start = best.start - lineStart < 8 ? lineStart : best.start;
  return isSeen(text, start, hit.end) ? start : wordStart(text, hit.start - BEFORE_CHARACTERS, hit.start);
}

/** How much each hit tells apart: what stands in every sentence tells little. */
function rarityOf(hits: readonly Hit[], sentences: readonly Span[]): Map<string, number> {
  const holding = new Map<string, number>();
  for (const sentence of sentences) {
    for (const key of new Set(within(hits, sentence).map((hit) => hit.key))) {
      holding.set(key, (holding.get(key) ?? 0) + 1);
    }
  }
  return new Map(
    hits.map(({ key, isCode }) => [
      key,
      (isCode ? CODE_WEIGHT : 1) * Math.log(1 + sentences.length / (holding.get(key) ?? 1)),
    ]),
  );
}

function within(hits: readonly Hit[], { start, end }: Span): Hit[] {
  return hits.filter((hit) => hit.start >= start && hit.start < end);
}

/** Each thing once, however often it is said. */
function weightOf(hits: readonly Hit[], weighs: (hit: Hit) => number): number {
  const once = new Map(hits.map((hit) => [hit.key, weighs(hit)]));
  return [...once.values()].reduce((total, weight) => total + weight, 0);
}

/** The first of the best; null where nothing weighs anything. */
function heaviest<T>(things: readonly T[], weigh: (thing: T) => number): T | null {
  let best: T | null = null;
  let most = 0;
  for (const thing of things) {
    const weight = weigh(thing);
    if (weight > most) [best, most] = [thing, weight];
  }
  return best;
}

/** Whether what ends here is surely among the lines that are seen from `start` on. */
function isSeen(text: string, start: number, end: number): boolean {
  const lines = text.slice(start, end).split('\n');
  const seen = lines.reduce((total, line) => total + Math.max(1, Math.ceil(line.length / LINE_CHARACTERS)), 0);
  return seen <= SEEN_LINES;
}

/** Where the first whole word begins in between. */
function wordStart(text: string, from: number, to: number): number {
  const gap = text.slice(from, to).search(/\s\S/);
  return gap < 0 ? to : from + gap + 1;
}
