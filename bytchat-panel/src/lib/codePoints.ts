// The API counts characters as Python does, by code point; JavaScript counts UTF-16 units. This goes between the two.

/** Characters from `start` to before `end`. */
export interface Span {
  start: number;
  end: number;
}

const SLICE_POINTS = 500_000;

/** How many UTF-16 units the first `points` code points of `text` take; all of them where there are fewer. */
export function toUnits(text: string, points: number): number {
  return walk(text, 0, points);
}

/** How many code points the first `units` UTF-16 units of `text` hold. */
export function toPoints(text: string, units: number): number {
  const end = Math.min(units, text.length);
  let points = 0;
  for (let unit = 0; unit < end; unit += widthAt(text, unit)) points++;
  return points;
}

/** A span of code points as one of UTF-16 units. Pauses by yielding, since the way there may be long. */
export function* locate(text: string, { start, end }: Span): Generator<void, Span> {
  let unit = 0;
  let point = 0;
  while (start - point > SLICE_POINTS && unit < text.length) {
    unit = walk(text, unit, SLICE_POINTS);
    point += SLICE_POINTS;
    yield;
  }
  const first = walk(text, unit, start - point);
  return { start: first, end: walk(text, first, end - Math.max(0, start)) };
}

/** Where one is `points` code points after `unit`. */
function walk(text: string, unit: number, points: number): number {
  let here = unit;
  for (let walked = 0; walked < points && here < text.length; walked++) here += widthAt(text, here);
  return here;
}

function widthAt(text: string, unit: number): 1 | 2 {
  return isHigh(text.charCodeAt(unit)) && isLow(text.charCodeAt(unit + 1)) ? 2 : 1;
}

function isHigh(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

function isLow(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}
