// Turns `[n]` in the prose of an answer into `<cite data-n data-said>`, with the words before it; code and links stay.
import { SaidReader, splitMarks } from '@/lib/citations';

interface Node {
  type: string;
  tagName?: string;
  value?: string;
  properties?: Record<string, unknown>;
  children?: Node[];
}

const LEFT_ALONE = new Set(['code', 'pre', 'a']);
const BLOCKS = new Set(['p', 'li', 'tr', 'pre', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6']);
const SPACED = new Set(['td', 'th', 'br']);

/** Runs after the sanitizer, which lets no `<cite>` of the text itself through. */
export function rehypeCitations() {
  return (tree: Node) => mark(tree, new SaidReader());
}

function mark(node: Node, said: SaidReader): void {
  const name = node.tagName ?? '';
  if (BLOCKS.has(name)) said.breakOff();
  if (SPACED.has(name)) said.read(' ');
  if (LEFT_ALONE.has(name)) said.read(wordsOf(node));
  else markChildren(node, said);
  if (BLOCKS.has(name)) said.breakOff();
}

function markChildren(node: Node, said: SaidReader): void {
  if (!node.children) return;
  node.children = node.children.flatMap((child) => {
    if (child.type === 'text') return marked(child.value ?? '', said);
    mark(child, said);
    return [child];
  });
}

/** Each citation keeps the words that it stands for. */
function marked(text: string, said: SaidReader): Node[] {
  return splitMarks(text).map((part) => {
    if (part.kind === 'mark') return citation(part.n, said.cite());
    said.read(part.text);
    return { type: 'text', value: part.text };
  });
}

function citation(n: number, dataSaid: string): Node {
  return { type: 'element', tagName: 'cite', properties: { dataN: String(n), dataSaid }, children: [] };
}

function wordsOf(node: Node): string {
  return node.value ?? (node.children ?? []).map(wordsOf).join('');
}
