// Before anything was looked for: what one sees here, and what to try.
import { FileSearch, Upload } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '@/components/ui/EmptyState';
import { LinkButton } from '@/components/ui/LinkButton';
import { QueryState } from '@/components/ui/QueryState';
import { sampleToAsk } from '@/lib/sample';
import { useDocuments } from '@/queries/documents';
import { PassageListSkeleton } from './PassageList';
import { SuggestedQuestions } from './SuggestedQuestions';

interface Props {
  botId: string;
  onAsk: (query: string) => void;
}

export function SearchStart({ botId, onAsk }: Props) {
  const { i18n } = useTranslation();
  const documents = useDocuments(botId);
  return (
    <QueryState
      query={documents}
      loading={<PassageListSkeleton />}
      isEmpty={(list) => list.length === 0}
      empty={<NoDocuments botId={botId} />}
    >
      {(list) => {
        const language = sampleToAsk(list, i18n.language);
        return (
          <div className="mx-auto w-full max-w-xl">
            <Invitation />
            {language && <SuggestedQuestions onAsk={onAsk} language={language} />}
          </div>
        );
      }}
    </QueryState>
  );
}

function Invitation() {
  const { t } = useTranslation('training');
  return <EmptyState icon={FileSearch} title={t('search.startTitle')} text={t('search.startText')} />;
}

function NoDocuments({ botId }: { botId: string }) {
  const { t } = useTranslation('training');
  return (
    <EmptyState
      icon={FileSearch}
      title={t('search.noDocumentsTitle')}
      text={t('search.noDocumentsText')}
      action={
        <LinkButton to={`/bots/${botId}/documents`} variant="primary" icon={Upload}>
          {t('search.upload')}
        </LinkButton>
      }
    />
  );
}
