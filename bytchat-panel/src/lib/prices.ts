// What a model costs and how much it reads, in words; what is not known is never a zero.

// Exact, where sums are rounded: a price list that rounds 0.0375 is wrong.
const priceFormat = madeOnce((language) => {
  const digits = { minimumFractionDigits: 2, maximumFractionDigits: 6 };
  return new Intl.NumberFormat(language, { style: 'currency', currency: 'USD', ...digits });
});
const tokenFormat = madeOnce(
  (language) => new Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 1 }),
);

/** US dollars a million tokens: «0,75 US$». Null where the price is not known. */
export function usdText(usdPerMtok: number | null, language: string): string | null {
  return usdPerMtok === null ? null : priceFormat(language).format(usdPerMtok);
}

/** A short count: «1 M», «128 mil». Null where it is not known. */
export function tokensText(tokens: number | null, language: string): string | null {
  return tokens === null ? null : tokenFormat(language).format(tokens);
}

export interface Priced {
  input_usd_per_mtok: number | null;
  output_usd_per_mtok: number | null;
}

export type PriceText = { kind: 'unknown' } | { kind: 'free' } | { kind: 'known'; input: string; output: string };

/** One side that is not known makes the price unknown: half a price misleads. */
export function priceOf(model: Priced | undefined, language: string): PriceText {
  const input = usdText(model?.input_usd_per_mtok ?? null, language);
  const output = usdText(model?.output_usd_per_mtok ?? null, language);
  if (input === null || output === null) return { kind: 'unknown' };
  if (model?.input_usd_per_mtok === 0 && model.output_usd_per_mtok === 0) return { kind: 'free' };
  return { kind: 'known', input, output };
}

/** The browser takes its time to make a format, and a table asks for hundreds. */
function madeOnce(make: (language: string) => Intl.NumberFormat): (language: string) => Intl.NumberFormat {
  const made = new Map<string, Intl.NumberFormat>();
  return (language) => {
    const format = made.get(language) ?? make(language);
    made.set(language, format);
    return format;
  };
}
