// What a bot's confidence in its documents means against the least that it asks for.

/** Whether a strict bot would answer: it has found something, and is sure enough of it. */
export function wouldAnswer(
  found: { passages: readonly unknown[]; confidence: number },
  minScore: number,
): boolean {
  return found.passages.length > 0 && found.confidence >= minScore;
}

/** How many digits tell two figures apart that are not the same: 0.497 is not 0.50. Two at least. */
export function digitsToTell(one: number, other: number): number {
  // A number of half the digits, as the API keeps it, differs from its own double after the sixth.
  if (Math.abs(one - other) < 1e-6) return 2;
  const digits = [2, 3, 4, 5, 6].find((count) => one.toFixed(count) !== other.toFixed(count));
  return digits ?? 6;
}

/** A share of the best, between 0 and 1, for a bar. */
export function shareOf(value: number, best: number): number {
  return best > 0 ? Math.min(1, Math.max(0, value / best)) : 0;
}
