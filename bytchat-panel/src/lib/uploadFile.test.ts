import { expect, test } from 'vitest';
import { refusalOf } from './uploadFile';

test('a text file of fitting size may be sent, whatever the case of its name', () => {
  expect(refusalOf({ name: 'manual.txt', size: 1 })).toBeNull();
  expect(refusalOf({ name: 'MANUAL.TXT', size: 25 * 1024 * 1024 })).toBeNull();
});

test('another kind of file, an empty one and one over the limit are refused, each for its reason', () => {
  expect(refusalOf({ name: 'manual.pdf', size: 10 })).toBe('file_name_not_txt');
  expect(refusalOf({ name: 'manual.txt.exe', size: 10 })).toBe('file_name_not_txt');
  expect(refusalOf({ name: 'manual.txt', size: 0 })).toBe('file_empty');
  expect(refusalOf({ name: 'manual.txt', size: 25 * 1024 * 1024 + 1 })).toBe('too_large');
});
