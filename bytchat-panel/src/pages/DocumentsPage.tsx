// What a bot has learned, and where more comes in.
import { FileSearch, MessageCircle } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { QuotaNotice } from '@/components/account/QuotaNotice';
import { DocumentList, DocumentListSkeleton } from '@/components/training/DocumentList';
import { DropZone } from '@/components/training/DropZone';
import { TrainingStarter } from '@/components/training/TrainingStarter';
import { UploadList } from '@/components/training/UploadList';
import { useTrainingNews } from '@/components/training/useTrainingNews';
import { LinkButton } from '@/components/ui/LinkButton';
import { PageHeader } from '@/components/ui/PageHeader';
import { QueryState } from '@/components/ui/QueryState';
import { useTitle } from '@/components/ui/useTitle';
import { trySearch } from '@/lib/trySearch';
import { useUploadFiles } from '@/queries/documents';
import { useLiveDocuments } from '@/queries/training';

export default function DocumentsPage() {
  const { botId = '' } = useParams();
  const { t } = useTranslation('training');
  const query = useLiveDocuments(botId);
  const upload = useUploadFiles(botId);
  const canAsk = query.data?.some(({ searchable }) => searchable) ?? false;
  useTitle(t('title'));
  useTrainingNews(query.data);
  return (
    <>
      <PageHeader
        title={t('title')}
        description={t('description')}
        actions={
          canAsk && (
            <>
              <LinkButton {...trySearch(botId)} icon={FileSearch}>
                {t('search.title')}
              </LinkButton>
              <LinkButton to={`/bots/${botId}/chat`} variant="primary" icon={MessageCircle}>
                {t('ask')}
              </LinkButton>
            </>
          )
        }
      />
      <QueryState
        query={query}
        loading={<DocumentListSkeleton />}
        isEmpty={(documents) => documents.length === 0}
        empty={<TrainingStarter botId={botId} />}
      >
        {(documents) => (
          <div className="flex flex-col gap-5">
            <QuotaNotice of={['documents', 'stored_bytes']} />
            <DropZone onFiles={upload} isCompact />
            <UploadList botId={botId} />
            <DocumentList botId={botId} documents={documents} />
          </div>
        )}
      </QueryState>
    </>
  );
}
