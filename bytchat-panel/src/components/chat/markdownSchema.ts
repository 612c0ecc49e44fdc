// What of an answer may become HTML. A model repeats what documents tell it: nothing may load, run or be styled.
import type { Options } from 'react-markdown';
import rehypeSanitize from 'rehype-sanitize';
import remarkGfm from 'remark-gfm';
import { answerSyntax } from '@/lib/markdownSyntax';
import { rehypeCitations } from './rehypeCitations';

const PROSE = ['p', 'br', 'hr', 'strong', 'em', 'del', 'blockquote', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6'];
const LISTS = ['ul', 'ol', 'li', 'input'];
const TABLES = ['table', 'thead', 'tbody', 'tr', 'th', 'td'];

/** An image keeps its alternative text alone: its address could tell somebody what was asked. */
export const schema = {
  tagNames: [...PROSE, ...LISTS, ...TABLES, 'a', 'code', 'pre', 'img'],
  attributes: {
    a: ['href'],
    img: ['alt'],
    ol: ['start'],
    th: ['align'],
    td: ['align'],
    code: [['className', /^language-[\w+#.-]{1,32}$/]],
    input: [['type', 'checkbox'], ['disabled', true], 'checked'],
  },
  required: { input: { type: 'checkbox', disabled: true } },
  protocols: { href: ['http', 'https', 'mailto'] },
  strip: ['script', 'style'],
} satisfies Parameters<typeof rehypeSanitize>[0];

interface Processor {
  data: () => { micromarkExtensions?: unknown[] };
}

function remarkAnswerSyntax(this: Processor): void {
  const data = this.data();
  data.micromarkExtensions = [...(data.micromarkExtensions ?? []), answerSyntax];
}

export const remarkPlugins = [remarkGfm, remarkAnswerSyntax] as NonNullable<Options['remarkPlugins']>;
export const rehypePlugins = [[rehypeSanitize, schema], rehypeCitations] as NonNullable<Options['rehypePlugins']>;

/** Whether a link leads anywhere that a person may be sent from an answer. */
export function isFollowable(href: string | undefined): href is string {
  return href !== undefined && /^(https?:|mailto:)/i.test(href);
}
