// An answer's text, block by block: while it grows only the last block is drawn anew.
import { createContext, memo, type ReactNode, useContext, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import ReactMarkdown, { type Components } from 'react-markdown';
import { growBlocks, isPlainParagraph, NO_BLOCKS } from '@/lib/markdownBlocks';
import { CitationChip } from './CitationChip';
import { CodeBlock } from './CodeBlock';
import { isFollowable, rehypePlugins, remarkPlugins } from './markdownSchema';

/** Whether the block around is complete. */
const FinalContext = createContext(true);

export function Markdown({ text, isGrowing }: { text: string; isGrowing: boolean }) {
  // A cache and no state: the same text always gives the same blocks.
  const cache = useRef(NO_BLOCKS);
  cache.current = growBlocks(cache.current, text);
  const { final, tail } = cache.current;
  const blocks = tail === '' ? final : [...final, tail];
  return (
    <div className="space-y-3 text-[15px] leading-7 [overflow-wrap:anywhere]">
      {blocks.map((block, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: blocks are only ever added at the end.
        <Block key={index} text={block} isFinal={!isGrowing || index < final.length} />
      ))}
    </div>
  );
}

const Block = memo(function Block({ text, isFinal }: { text: string; isFinal: boolean }) {
  if (isPlainParagraph(text)) return <p>{text}</p>;
  return (
    <FinalContext value={isFinal}>
      <ReactMarkdown remarkPlugins={remarkPlugins} rehypePlugins={rehypePlugins} components={components}>
        {text}
      </ReactMarkdown>
    </FinalContext>
  );
});

interface CodeNode {
  children: readonly { value?: unknown; properties?: { className?: unknown }; children?: readonly unknown[] }[];
}

function Pre({ node }: { node?: unknown }) {
  const isFinal = useContext(FinalContext);
  const code = (node as CodeNode | undefined)?.children[0];
  const text = (code?.children as { value?: string }[] | undefined)?.map(({ value }) => value ?? '').join('') ?? '';
  const name = Array.isArray(code?.properties?.className) ? String(code.properties.className[0]) : '';
  return <CodeBlock code={text.replace(/\n$/, '')} language={name.replace(/^language-/, '')} isFinal={isFinal} />;
}

function Anchor({ href, children }: { href?: string | undefined; children?: ReactNode }) {
  if (!isFollowable(href)) return <span>{children}</span>;
  return (
    <a
      href={href}
      target="_blank"
      rel="noopener noreferrer nofollow"
      className="text-accent underline underline-offset-2 hover:text-accent-strong"
    >
      {children}
    </a>
  );
}

function ImageLabel({ alt }: { alt?: string | undefined }) {
  const { t } = useTranslation('chat');
  return <span className="text-muted">{alt ? t('image', { alt }) : t('imageUnnamed')}</span>;
}

function Table({ children }: { children?: ReactNode }) {
  const { t } = useTranslation('chat');
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
    <section tabIndex={0} aria-label={t('table')} className="overflow-x-auto rounded-lg border border-line">
      <table className="w-full border-collapse text-left text-sm [overflow-wrap:normal]">{children}</table>
    </section>
  );
}

/** Whatever its level, it lies just below the page's own: an answer may begin at any. */
function Heading({ children }: { children?: ReactNode }) {
  return <h2 className="pt-2 font-semibold text-base">{children}</h2>;
}

const cite = ({ node }: { node?: { properties: Record<string, unknown> } | undefined }) => (
  <CitationChip n={Number(node?.properties.dataN)} said={String(node?.properties.dataSaid ?? '')} />
);

const components: Components = {
  pre: Pre,
  a: Anchor,
  img: ImageLabel,
  table: Table,
  cite,
  h1: Heading,
  h2: Heading,
  h3: Heading,
  h4: Heading,
  h5: Heading,
  h6: Heading,
  code: ({ children }) => <code className="rounded bg-sunken px-1 py-0.5 font-mono text-[13px]">{children}</code>,
  ul: ({ children }) => <ul className="list-disc space-y-1 pl-6 marker:text-muted">{children}</ul>,
  ol: ({ children, start }) => (
    <ol start={start} className="list-decimal space-y-1 pl-6 marker:text-muted">
      {children}
    </ol>
  ),
  blockquote: ({ children }) => (
    <blockquote className="space-y-3 border-line-strong border-l-2 pl-4 text-muted">{children}</blockquote>
  ),
  hr: () => <hr className="border-line" />,
  th: ({ children, style }) => (
    <th style={style} className="whitespace-nowrap border-line border-b bg-sunken px-3 py-2 font-semibold">
      {children}
    </th>
  ),
  td: ({ children, style }) => (
    <td style={style} className="border-line border-t px-3 py-2 align-top">
      {children}
    </td>
  ),
};
