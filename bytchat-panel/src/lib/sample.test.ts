import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isSample, SAMPLES, sampleLanguageOf, sampleToAsk } from './sample';

test('a handbook is known by its name and its number of characters', () => {
  for (const language of ['es', 'en'] as const) {
    const { filename } = SAMPLES[language];
    const text = readFileSync(`../samples/${filename}`, 'utf-8');

    expect(sampleLanguageOf({ filename, characters: [...text].length })).toBe(language);
  }
});

test('another text of the same name is not the handbook', () => {
  expect(isSample({ filename: 'tienda.es.txt', characters: 12 })).toBe(false);
  expect(isSample({ filename: 'shop.en.txt', characters: 51_259 })).toBe(false);
});

test('of two handbooks the one in the panel’s language is asked about, else the one that is there', () => {
  const both = [SAMPLES.en, SAMPLES.es];

  expect(sampleToAsk(both, 'es')).toBe('es');
  expect(sampleToAsk(both, 'en-GB')).toBe('en');
  expect(sampleToAsk([SAMPLES.en], 'es')).toBe('en');
  expect(sampleToAsk([{ filename: 'mío.txt', characters: 3 }], 'es')).toBeUndefined();
});
