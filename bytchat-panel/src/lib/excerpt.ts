// Where to begin reading a passage that is longer than the room for it: at what the question is about.
import { citedSentence } from './citedSentence';

/** About what six lines hold; what stands before it is seen anyway. */
const SEEN_CHARACTERS = 360;

/** In UTF-16 units; 0 where the beginning shows it, or nothing of the question is in the passage. */
export function excerptStart(text: string, query: string): number {
  if (text.length <= SEEN_CHARACTERS) return 0;
  const sentence = citedSentence(text, query);
  if (!sentence || sentence.end <= SEEN_CHARACTERS) return 0;
  const lineStart = text.lastIndexOf('\n', sentence.start) + 1;
  // Its bullet belongs to it.
  return sentence.start - lineStart < 8 ? lineStart : sentence.start;
}
