import { expect, test } from 'vitest';
import en from './en';
import es from './es';

/** Every sentence by its path, with the names that are filled in. */
function sentences(words: object, path = ''): [string, string[]][] {
  return Object.entries(words).flatMap(([key, word]): [string, string[]][] =>
    typeof word === 'string' ? [[path + key, blanks(word)]] : sentences(word as object, `${path}${key}.`),
  );
}

function blanks(sentence: string): string[] {
  return [...new Set(sentence.match(/{{\w+}}|<\/?\w+>/g) ?? [])].sort();
}

test.each(Object.keys(es) as (keyof typeof es)[])('%s says the same things in both languages', (namespace) => {
  expect(Object.fromEntries(sentences(en[namespace]))).toEqual(Object.fromEntries(sentences(es[namespace])));
});
