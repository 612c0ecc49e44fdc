// A growing Markdown text as top-level blocks, so that each new word costs only the block that it belongs to.
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { answerSyntax } from './markdownSyntax';

/** `final` blocks never change again, whatever follows; joined with the `tail` they are the text. */
export interface Blocks {
  readonly text: string;
  readonly final: readonly string[];
  readonly tail: string;
}

export const NO_BLOCKS: Blocks = { text: '', final: [], tail: '' };

/** The blocks of `text`. Where it continues the text of `before`, only its unfinished tail is read. */
export function growBlocks(before: Blocks, text: string): Blocks {
  if (text === before.text) return before;
  if (!text.startsWith(before.text)) return growBlocks(NO_BLOCKS, text);
  const added = text.slice(before.text.length);
  const tail = before.tail + added;
  // Only a line that has ended can close what is before it: `#` may yet become `#etiqueta`.
  if (!added.includes('\n')) return { text, final: before.final, tail };
  const cuts = [0, ...blockStarts(tail).filter((start) => tail.indexOf('\n', start) >= 0)];
  const closed = cuts.slice(1).map((end, index) => tail.slice(cuts[index], end));
  return { text, final: [...before.final, ...closed], tail: tail.slice(cuts.at(-1)) };
}

/** Where the lines begin on which a top-level block starts, the first block excepted. */
export function blockStarts(text: string): number[] {
  const { children } = fromMarkdown(text, {
    extensions: [gfm(), answerSyntax],
    mdastExtensions: [gfmFromMarkdown()],
  });
  return children.slice(1).map(({ position }) => lineStart(text, position?.start.offset ?? 0));
}

/** Its indentation belongs to a block: without it indented code would be prose. */
function lineStart(text: string, offset: number): number {
  return Math.max(text.lastIndexOf('\n', offset - 1), text.lastIndexOf('\r', offset - 1)) + 1;
}

const PLAIN_PARAGRAPH = /^\p{L}[\p{L}\p{N} ,;.¿?¡!«»"'()%€$–—-]*$/u;

/** Whether a text is one paragraph without any markup: then there is nothing to parse. */
export function isPlainParagraph(text: string): boolean {
  return PLAIN_PARAGRAPH.test(text) && !/www\./i.test(text);
}
