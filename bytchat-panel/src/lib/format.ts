// Numbers, sizes, sums and times as people write them. What is not known is «—».

type Maybe<T> = T | null | undefined;

export interface Format {
  number: (value: Maybe<number>) => string;
  /** With so many digits behind the point, always. */
  decimal: (value: Maybe<number>, digits: number) => string;
  bytes: (bytes: Maybe<number>) => string;
  /** Millionths of a dollar, small sums with as many digits as they need. */
  money: (microUsd: Maybe<number>) => string;
  /** Dollars, as in a price list. */
  dollars: (usd: Maybe<number>) => string;
  date: (iso: Maybe<string>) => string;
  dateTime: (iso: Maybe<string>) => string;
  relative: (iso: Maybe<string>, now?: number) => string;
  duration: (ms: Maybe<number>) => string;
  /** A share of 1. */
  percent: (share: Maybe<number>) => string;
  list: (words: readonly string[]) => string;
}

const UNKNOWN = '—';
const made = new Map<string, Format>();

/** The formats of a language, made once: the browser takes milliseconds to make them. */
export function formatIn(language: string): Format {
  const known = made.get(language);
  if (known) return known;
  const format = makeFormat(language);
  made.set(language, format);
  return format;
}

function makeFormat(language: string): Format {
  const plain = new Intl.NumberFormat(language);
  const share = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 });
  const day = new Intl.DateTimeFormat(language, { dateStyle: 'medium' });
  const moment = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  const list = new Intl.ListFormat(language, { type: 'conjunction' });
  const dollars = (usd: number) => dollarsIn(language, usd);
  return {
    number: known((value: number) => plain.format(value)),
    decimal: (value, digits) => known((one: number) => decimalIn(language, one, digits))(value),
    bytes: known((bytes: number) => bytesIn(language, bytes)),
    money: known((microUsd: number) => dollars(microUsd / 1e6)),
    dollars: known(dollars),
    date: known((iso: string) => day.format(new Date(iso))),
    dateTime: known((iso: string) => moment.format(new Date(iso))),
    relative: (iso, now = Date.now()) => (iso == null ? UNKNOWN : relativeIn(language, Date.parse(iso) - now)),
    duration: known((ms: number) => durationIn(language, ms)),
    percent: known((value: number) => share.format(value)),
    list: (words) => list.format(words),
  };
}

function known<T>(format: (value: T) => string): (value: Maybe<T>) => string {
  return (value) => (value == null || Number.isNaN(value) ? UNKNOWN : format(value));
}

function decimalIn(language: string, value: number, digits: number): string {
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(language, options).format(value);
}

function dollarsIn(language: string, usd: number): string {
  const size = Math.abs(usd);
  const digits = size === 0 || size >= 0.1 ? 2 : Math.min(6, Math.ceil(-Math.log10(size)) + 1);
  return new Intl.NumberFormat(language, {
    style: 'currency',
    currency: 'USD',
    minimumFractionDigits: 2,
    maximumFractionDigits: digits,
  }).format(usd);
}

const BYTE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

function bytesIn(language: string, bytes: number): string {
  const step = Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** step;
  return inUnit(language, value, BYTE_UNITS[step] ?? 'byte', step > 0 && value < 10 ? 1 : 0);
}

function inUnit(language: string, value: number, unit: string, digits = 0): string {
  const options = { style: 'unit', unit, maximumFractionDigits: digits } as const;
  return new Intl.NumberFormat(language, options).format(value);
}

function durationIn(language: string, ms: number): string {
  if (ms < 1000) return inUnit(language, Math.round(ms), 'millisecond');
  if (ms < 59_950) return inUnit(language, ms / 1000, 'second', 1);
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return twoUnits(language, seconds, 60, 'minute', 'second');
  return twoUnits(language, Math.round(seconds / 60), 60, 'hour', 'minute');
}

function twoUnits(language: string, value: number, size: number, large: string, small: string): string {
  const rest = value % size;
  const whole = inUnit(language, Math.floor(value / size), large);
  return rest === 0 ? whole : `${whole} ${inUnit(language, rest, small)}`;
}

const SPANS = [
  ['year', 31_557_600_000],
  ['month', 2_629_800_000],
  ['week', 604_800_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

function relativeIn(language: string, ms: number): string {
  const words = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const span = SPANS.find(([, size]) => Math.abs(ms) >= size);
  return span ? words.format(Math.trunc(ms / span[1]), span[0]) : words.format(0, 'second');
}
