// Turns `[n]` in the prose of an answer into `<cite data-n data-said>`, with the words before it; code and links are left as they are.
import { splitMarks } from '@/lib/citations';

interface Node {
  type: string;
  tagName?: string;
  value?: string;
  properties?: Record<string, unknown>;
  children?: Node[];
}

const LEFT_ALONE = new Set(['code', 'pre', 'a']);

/** Runs after the sanitizer, which lets no `<cite>` of the text itself through. */
export function rehypeCitations() {
  return (tree: Node) => mark(tree);
}

function mark(node: Node): void {
  if (!node.children || LEFT_ALONE.has(node.tagName ?? '')) return;
  node.children = node.children.flatMap((child) => (child.type === 'text' ? marked(child.value ?? '') : [child]));
  for (const child of node.children) mark(child);
}

function marked(text: string): Node[] {
  let said = '';
  return splitMarks(text).map((part) => {
    if (part.kind === 'text') {
      said = part.text;
      return { type: 'text', value: part.text };
    }
    return {
      type: 'element',
      tagName: 'cite',
      properties: { dataN: String(part.n), dataSaid: said },
      children: [],
    };
  });
}
