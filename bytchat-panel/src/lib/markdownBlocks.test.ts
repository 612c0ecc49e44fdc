import fc from 'fast-check';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { describe, expect, test } from 'vitest';
import { type Blocks, blockStarts, growBlocks, isPlainParagraph, NO_BLOCKS } from './markdownBlocks';

const PIECES = [
  ...[
    'a',
    'palabra ',
    '\n',
    '\n\n',
    '# ',
    '## t',
    '- ',
    '* ',
    '1. ',
    '2) ',
    '    ',
    '  ',
    '> ',
    '```',
    '```js\n',
    '~~~',
  ],
  ...[
    '---',
    '***',
    '===',
    '|a|b|',
    '|-|-|',
    '<div>',
    '<!--',
    '-->',
    '[1]',
    '[1]: x',
    '[^1]: y',
    '**',
    '`',
    '\t',
    '\r\n',
  ],
  ...['- [ ] ', 'ñ', '😀', '#', '+', '\\', '![x](y)', 'www.a.es', '&amp;'],
];
const markdown = fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((pieces) => pieces.join(''));
const cuts = fc.array(fc.nat({ max: 200 }), { maxLength: 12 });

function grown(text: string, at: readonly number[]): Blocks {
  const ends = [...new Set(at.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
  return [...ends, text.length].reduce((blocks, end) => growBlocks(blocks, text.slice(0, end)), NO_BLOCKS);
}

function joined({ final, tail }: Blocks): string {
  return final.join('') + tail;
}

test('the blocks joined are the text, wherever it was cut', () => {
  fc.assert(
    fc.property(markdown, cuts, (text, at) => {
      expect(joined(grown(text, at))).toBe(text);
    }),
    { numRuns: 500 },
  );
});

test('a text that grew by any cuts has the same blocks as one that was read at once', () => {
  fc.assert(
    fc.property(markdown, cuts, (text, at) => {
      expect(grown(text, at)).toEqual(growBlocks(NO_BLOCKS, text));
    }),
    { numRuns: 1000 },
  );
});

test('every final block begins where a block of the whole text begins', () => {
  fc.assert(
    fc.property(markdown, cuts, (text, at) => {
      let end = 0;
      const ends = grown(text, at).final.map((block) => (end += block.length));
      expect(blockStarts(text)).toEqual(expect.arrayContaining(ends));
    }),
    { numRuns: 1000 },
  );
});

describe('a block', () => {
  test('is not final while its successor may still turn out to be part of it', () => {
    const before = growBlocks(NO_BLOCKS, 'uno\n#');

    expect(before.final).toEqual([]);
    expect(growBlocks(before, 'uno\n#etiqueta\n').tail).toBe('uno\n#etiqueta\n');
    expect(growBlocks(before, 'uno\n# Título\n').final).toEqual(['uno\n']);
  });

  test('of code stays one block, whatever is in it', () => {
    const { final, tail } = growBlocks(NO_BLOCKS, 'Así:\n\n```py\n# uno\n\n- dos\n```\n\nFin');

    expect(final).toEqual(['Así:\n\n']);
    expect(tail).toBe('```py\n# uno\n\n- dos\n```\n\nFin');
  });

  test('that is final keeps its identity while the text grows', () => {
    const before = growBlocks(NO_BLOCKS, 'uno\n\ndos\n\ntres\n');
    const after = growBlocks(before, 'uno\n\ndos\n\ntres\n\ncuatro\n');

    expect(before.final).toEqual(['uno\n\n', 'dos\n\n']);
    expect(after.final).toEqual(['uno\n\n', 'dos\n\n', 'tres\n\n']);
  });

  test('that is another text altogether begins anew', () => {
    expect(growBlocks(growBlocks(NO_BLOCKS, 'uno\n\ndos\n'), 'otra')).toEqual({
      text: 'otra',
      final: [],
      tail: 'otra',
    });
  });
});

test('a word costs no reading: without a line end the final blocks are the same list', () => {
  const before = growBlocks(NO_BLOCKS, 'uno\n\ndos');

  expect(growBlocks(before, 'uno\n\ndos tres').final).toBe(before.final);
});

test('what counts as a plain paragraph is one paragraph with one text', () => {
  const letters = fc.constantFrom(...'aZñ 19,;.¿?!«»"\'()%€$–-#*_[]<&|:@\\`~=+\n', 'www.', 'http');
  fc.assert(
    fc.property(fc.array(letters, { maxLength: 20 }), (parts) => {
      const text = parts.join('');
      if (!isPlainParagraph(text)) return;
      const { children } = fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
      expect(children).toMatchObject([{ type: 'paragraph', children: [{ type: 'text', value: text.trimEnd() }] }]);
      expect(children).toHaveLength(1);
    }),
    { numRuns: 2000 },
  );
});
