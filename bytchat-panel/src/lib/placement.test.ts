import { expect, test } from 'vitest';
import { place } from './placement';

const screen = { width: 400, height: 600 };
const size = { width: 160, height: 200 };
const button = (left: number, top: number) => ({ left, top, right: left + 40, bottom: top + 40 });

test('it opens below, flush with the right side of its button', () => {
  expect(place(button(300, 50), size, screen)).toEqual({ left: 180, top: 94 });
});

test('it opens above where there is no room below', () => {
  expect(place(button(300, 540), size, screen)).toEqual({ left: 180, top: 336 });
});

test('it begins at the left side of a button that stands at the left', () => {
  expect(place(button(10, 50), size, screen)).toEqual({ left: 10, top: 94 });
});

test('it never leaves the screen', () => {
  expect(place(button(-30, 590), { width: 390, height: 590 }, screen)).toEqual({ left: 8, top: 8 });
});
