// A bot's documents, the newest first, and the question before one is deleted.
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BotDocument } from '@/api/types';
import { ConfirmDialog } from '@/components/ui/ConfirmDialog';
import { useProblemText } from '@/components/ui/problemText';
import { Skeleton } from '@/components/ui/Skeleton';
import { useFormat } from '@/components/ui/useFormat';
import { useRemoveDocument } from '@/queries/documents';
import { useToasts } from '@/store/toasts';
import { DocumentRow } from './DocumentRow';

interface Props {
  botId: string;
  documents: BotDocument[];
}

export function DocumentList({ botId, documents }: Props) {
  const { t } = useTranslation('training');
  const format = useFormat();
  const [leaving, setLeaving] = useState<BotDocument | null>(null);
  const remove = useRemoveFromList(botId);
  const heading = useRef<HTMLHeadingElement>(null);
  const confirm = (document: BotDocument) => {
    setLeaving(null);
    remove(document);
    // The button that was pressed goes with its row.
    requestAnimationFrame(() => heading.current?.focus());
  };
  return (
    <section className="flex flex-col gap-3">
      <h2 ref={heading} tabIndex={-1} className="font-medium outline-none text-muted text-sm">
        {t('list.count', { count: documents.length, formatted: format.number(documents.length) })}
      </h2>
      <ul aria-label={t('list.label')} className="divide-y divide-line rounded-xl border border-line bg-surface">
        {documents.map((document) => (
          <DocumentRow key={document.id} botId={botId} document={document} onRemove={() => setLeaving(document)} />
        ))}
      </ul>
      <ConfirmDialog
        isOpen={leaving !== null}
        onClose={() => setLeaving(null)}
        onConfirm={() => leaving && confirm(leaving)}
        title={t('remove.title', { name: leaving?.filename })}
        description={t('remove.description')}
        confirmLabel={t('remove.confirm')}
      />
    </section>
  );
}

/** Takes a document away at once; where the server refuses, it is back and a toast says why. */
function useRemoveFromList(botId: string): (document: BotDocument) => void {
  const { t } = useTranslation('training');
  const say = useProblemText();
  const show = useToasts((store) => store.show);
  const { mutateAsync } = useRemoveDocument(botId);
  return ({ id, filename }) =>
    void mutateAsync(id).then(
      () => show('ok', t('remove.done', { name: filename })),
      (error: unknown) => show('danger', `${filename}: ${say(error)}`),
    );
}

export function DocumentListSkeleton() {
  return (
    <div className="divide-y divide-line rounded-xl border border-line bg-surface">
      {['w-40', 'w-56', 'w-48'].map((width) => (
        <div key={width} className="flex items-center gap-4 px-5 py-4">
          <Skeleton className="size-5 shrink-0" />
          <div className="flex-1 space-y-2">
            <Skeleton className={width} />
            <Skeleton className="h-3 w-64 max-w-full" />
          </div>
          <Skeleton className="h-6 w-20 rounded-full" />
        </div>
      ))}
    </div>
  );
}
