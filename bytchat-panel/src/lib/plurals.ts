// Spanish counts whole millions as a plural of their own, «un millón de bots»: here they are written in figures.

type Words = { [key: string]: string | Words };

/** The same words, with a `_many` for each `_other` that has none. */
export function withMany(words: Words): Words {
  const all: Words = {};
  for (const [key, value] of Object.entries(words)) {
    all[key] = typeof value === 'string' ? value : withMany(value);
    const many = key.replace(/_other$/, '_many');
    if (many !== key && !(many in words)) all[many] = value;
  }
  return all;
}
