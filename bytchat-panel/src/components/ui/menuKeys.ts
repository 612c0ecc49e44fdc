// Where a key leads inside a menu.

/** The index of the item that `key` goes to from `current`, or null where the key means nothing here. */
export function nextItem(key: string, current: number, labels: readonly string[]): number | null {
  const last = labels.length - 1;
  if (key === 'ArrowDown') return current >= last ? 0 : current + 1;
  if (key === 'ArrowUp') return current <= 0 ? last : current - 1;
  if (key === 'Home') return 0;
  if (key === 'End') return last;
  return key.length === 1 && key !== ' ' ? startingWith(key, current, labels) : null;
}

function startingWith(letter: string, current: number, labels: readonly string[]): number | null {
  const order = labels.map((_, step) => (current + 1 + step) % labels.length);
  const begins = (index: number) => labels[index]?.toLocaleLowerCase().startsWith(letter.toLocaleLowerCase());
  return order.find(begins) ?? null;
}
