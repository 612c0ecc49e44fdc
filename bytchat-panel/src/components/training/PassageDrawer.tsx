// A citation opened: the document at the passage, or the kept quote where the document is gone.
import { FileText, FileX } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Drawer } from '@/components/ui/Drawer';
import { LinkButton } from '@/components/ui/LinkButton';
import { DocumentViewer } from './DocumentViewer';

export interface CitedPassage {
  /** Null where the document was deleted. */
  document_id: string | null;
  filename: string;
  start: number;
  end: number;
  quote: string;
  /** What the answer says of it. */
  said?: string;
}

interface Props {
  botId: string;
  /** Null while none is open. */
  passage: CitedPassage | null;
  /** Above it; without one it is a citation's. */
  title?: string;
  onClose: () => void;
}

export function PassageDrawer({ botId, passage, title, onClose }: Props) {
  const { t } = useTranslation('training');
  if (!passage) return null;
  const { document_id: documentId, filename, start, end } = passage;
  return (
    <Drawer
      isOpen
      onClose={onClose}
      title={title ?? t('passage.title', { name: filename })}
      actions={
        documentId && (
          <LinkButton
            to={`/bots/${botId}/documents/${documentId}?start=${start}&end=${end}`}
            size="sm"
            variant="ghost"
            icon={FileText}
          >
            {t('passage.open')}
          </LinkButton>
        )
      }
    >
      {documentId ? (
        <div className="flex h-full flex-col">
          <DocumentViewer
            botId={botId}
            documentId={documentId}
            name={filename}
            highlight={passage}
            said={passage.said}
            gone={<KeptQuote quote={passage.quote} />}
          />
        </div>
      ) : (
        <KeptQuote quote={passage.quote} />
      )}
    </Drawer>
  );
}

function KeptQuote({ quote }: { quote: string }) {
  const { t } = useTranslation('training');
  return (
    <div className="flex flex-col gap-4 p-5 sm:p-8">
      <p className="flex items-start gap-2 text-muted text-sm leading-5">
        <FileX aria-hidden className="mt-0.5 size-4 shrink-0" />
        {t('passage.gone')}
      </p>
      <blockquote
        aria-label={t('passage.quote')}
        className="wrap-anywhere whitespace-pre-wrap border-mark border-l-4 pl-4 text-[15px] leading-[26px]"
      >
        {quote}
      </blockquote>
    </div>
  );
}
