// Which parts of Markdown an answer may use: what a model writes is never HTML, and `[1]` is always a citation.

/**
 * Definitions and footnotes would turn `[1]: tienda.txt` into nothing and `[1]` into a link; HTML is shown as it was
 * written.
 */
const LEFT_OUT = [
  'definition',
  'htmlFlow',
  'htmlText',
  'gfmFootnoteDefinition',
  'gfmFootnoteCall',
  'gfmPotentialFootnoteCall',
];

/** A micromark extension that switches them off. */
export const answerSyntax = { disable: { null: LEFT_OUT } };
