// Reads a stored document: at the cited passage, with a search, and however long it is.
import { Quote } from 'lucide-react';
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Problem } from '@/api/problem';
import { Button } from '@/components/ui/Button';
import { ErrorState } from '@/components/ui/ErrorState';
import { IconButton } from '@/components/ui/IconButton';
import { ProgressBar } from '@/components/ui/ProgressBar';
import type { Span } from '@/lib/codePoints';
import { blockAt, countParts, PART_BLOCKS } from '@/lib/textLines';
import { useDocumentText } from '@/queries/documentText';
import { FindBar } from './FindBar';
import { PartBar } from './PartBar';
import type { Marks } from './TextBlock';
import { type Target, TextPane } from './TextPane';
import { useFind } from './useFind';
import { type IndexedText, useTextIndex } from './useTextIndex';

interface Props {
  botId: string;
  documentId: string;
  /** The document's name, for those who hear it. */
  name: string;
  /** In characters, as the API counts them. */
  highlight?: Span | undefined;
  /** What an answer says of the highlighted passage: its sentence is marked within it. */
  said?: string | undefined;
  /** What is shown where the document is gone. */
  gone: ReactNode;
}

/** Fills the height that it is given. */
export function DocumentViewer({ botId, documentId, name, highlight, said, gone }: Props) {
  const { query, share } = useDocumentText(botId, documentId);
  const index = useTextIndex(query.data, highlight?.start, highlight?.end, said);
  if (query.error instanceof Problem && query.error.status === 404) return gone;
  if (query.error && query.data === undefined) {
    return <ErrorState error={query.error} isBusy={query.isFetching} onRetry={() => void query.refetch()} />;
  }
  if (!index) return <Loading share={query.data === undefined ? share : null} />;
  return <IndexedViewer index={index} name={name} />;
}

function Loading({ share }: { share: number | null }) {
  const { t } = useTranslation('training');
  return (
    <div className="flex flex-1 flex-col items-center justify-center gap-3 px-6 py-16">
      <p role="status" className="text-muted text-sm">
        {t('viewer.loading')}
      </p>
      <ProgressBar
        value={share ?? 0}
        max={share === null ? null : 1}
        label={t('viewer.progress')}
        className="max-w-56"
      />
    </div>
  );
}

interface IndexedProps {
  index: IndexedText;
  name: string;
}

function IndexedViewer({ index, name }: IndexedProps) {
  const { t } = useTranslation('training');
  const { text, passage, sentence } = index;
  const shown = sentence ?? passage;
  const here = useRef(shown?.start ?? 0);
  const find = useFind(
    text,
    useCallback(() => here.current, []),
  );
  const { part, setPart, target, goTo } = usePlace(index);
  const current = find.matches[find.current] ?? null;
  const marks = useMemo<Marks>(
    () => ({ passage, sentence, matches: find.matches, current }),
    [passage, sentence, find.matches, current],
  );
  useEffect(() => {
    if (current) goTo(current.start);
  }, [current, goTo]);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex items-center gap-2 border-line border-b px-4 py-2.5 sm:px-8">
        <FindBar find={find} />
        {shown && <ToPassage onGo={() => goTo(shown.start)} />}
      </div>
      <TextPane
        key={part}
        label={t('viewer.label', { name })}
        index={index}
        part={part}
        marks={marks}
        target={target}
        onMove={(at) => {
          here.current = at;
        }}
      />
      <PartBar part={part} parts={countParts(index.starts)} onGo={setPart} />
    </div>
  );
}

/** Its words where there is room for them. */
function ToPassage({ onGo }: { onGo: () => void }) {
  const { t } = useTranslation('training');
  const label = t('viewer.toPassage');
  return (
    <>
      <IconButton icon={Quote} label={label} size="sm" onClick={onGo} className="self-start sm:hidden" />
      <Button icon={Quote} size="sm" variant="ghost" onClick={onGo} className="hidden self-start sm:inline-flex">
        {label}
      </Button>
    </>
  );
}

/** The part of the text that is scrolled through, and the place in it to be shown: the passage, to begin with. */
function usePlace({ starts, passage, sentence }: IndexedText) {
  const to = sentence ?? passage;
  const partOf = useCallback((at: number) => Math.floor(blockAt(starts, at) / PART_BLOCKS), [starts]);
  const [place, setPlace] = useState<{ part: number; target: Target | null }>(() => ({
    part: to ? partOf(to.start) : 0,
    target: to && { at: to.start },
  }));
  const goTo = useCallback((at: number) => setPlace({ part: partOf(at), target: { at } }), [partOf]);
  const setPart = (part: number) => setPlace({ part, target: null });
  // Another citation of the same document.
  const shown = useRef(to?.start);
  useEffect(() => {
    if (to && to.start !== shown.current) goTo(to.start);
    shown.current = to?.start;
  }, [to, goTo]);
  return { ...place, setPart, goTo };
}
