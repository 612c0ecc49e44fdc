// Colours for code; a file of its own, fetched with the first code block.
import { common, createLowlight } from 'lowlight';

export interface CodePart {
  text: string;
  className: string | undefined;
}

interface Node {
  type: string;
  value?: string;
  properties?: { className?: unknown };
  children?: Node[];
}

const lowlight = createLowlight(common);

/** The semantic colours stand in for a theme: both of ours have enough contrast. */
const COLOURS: Record<string, string> = {
  'hljs-keyword': 'text-accent',
  'hljs-built_in': 'text-accent',
  'hljs-type': 'text-accent',
  'hljs-selector-tag': 'text-accent',
  'hljs-tag': 'text-muted',
  'hljs-name': 'text-accent',
  'hljs-string': 'text-ok',
  'hljs-regexp': 'text-ok',
  'hljs-addition': 'text-ok',
  'hljs-number': 'text-warn',
  'hljs-literal': 'text-warn',
  'hljs-attr': 'text-warn',
  'hljs-attribute': 'text-warn',
  'hljs-symbol': 'text-warn',
  'hljs-deletion': 'text-danger',
  'hljs-comment': 'text-muted italic',
  'hljs-quote': 'text-muted italic',
  'hljs-meta': 'text-muted',
  'hljs-title': 'font-semibold',
  'hljs-section': 'font-semibold',
};

/** The code in coloured parts; one plain part where the language is unknown. */
export function highlight(code: string, language: string): CodePart[] {
  if (!lowlight.registered(language)) return [{ text: code, className: undefined }];
  return partsOf(lowlight.highlight(language, code), undefined);
}

function partsOf(node: Node, inherited: string | undefined): CodePart[] {
  if (node.type === 'text') return [{ text: node.value ?? '', className: inherited }];
  const own = colourOf(node.properties?.className) ?? inherited;
  return (node.children ?? []).flatMap((child) => partsOf(child, own));
}

function colourOf(names: unknown): string | undefined {
  const first = Array.isArray(names) ? names.find((name) => String(name) in COLOURS) : undefined;
  return first === undefined ? undefined : COLOURS[String(first)];
}
