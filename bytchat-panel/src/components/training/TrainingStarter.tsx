// The first minute of a bot: something to read, how it reads it, and what to ask then.
import { BookOpen, FileText } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { BotDocument } from '@/api/types';
import { QuotaNotice } from '@/components/account/QuotaNotice';
import { Button } from '@/components/ui/Button';
import { Card } from '@/components/ui/Card';
import { ProblemText } from '@/components/ui/ProblemText';
import { isSample, sampleLanguage, sampleLanguageOf } from '@/lib/sample';
import { stageOf } from '@/lib/training';
import { useUploadFiles, useUploadSample } from '@/queries/documents';
import { useLiveDocuments } from '@/queries/training';
import { DropZone } from './DropZone';
import { StageBadge } from './StageBadge';
import { SuggestedQuestions } from './SuggestedQuestions';
import { UploadList } from './UploadList';
import { useTrainingNews } from './useTrainingNews';
import { VectorProgress } from './VectorProgress';

interface Props {
  botId: string;
  /** Less room: beside a chat. */
  compact?: boolean;
  /** Ask one of the suggested questions. */
  onAsk?: (question: string) => void;
}

export function TrainingStarter({ botId, compact = false, onAsk }: Props) {
  const { data: documents } = useLiveDocuments(botId);
  useTrainingNews(documents);
  if (!documents) return null;
  return (
    <div className="mx-auto flex w-full max-w-xl flex-col gap-5">
      {documents.length === 0 ? (
        <Beginning botId={botId} compact={compact} />
      ) : (
        <Learning documents={documents} onAsk={onAsk} />
      )}
      <UploadList botId={botId} />
    </div>
  );
}

function Beginning({ botId, compact }: { botId: string; compact: boolean }) {
  const { t, i18n } = useTranslation('training');
  const uploadSample = useUploadSample(botId);
  const upload = useUploadFiles(botId);
  return (
    <>
      <QuotaNotice of={['documents', 'stored_bytes']} />
      <Heading title={t('starter.title')} text={t('starter.text')} />
      <div className="flex flex-col items-center gap-2">
        <Button
          variant="primary"
          icon={BookOpen}
          isBusy={uploadSample.isPending}
          onClick={() => uploadSample.mutate(sampleLanguage(i18n.language))}
        >
          {t('starter.sample')}
        </Button>
        <p className="text-center text-muted text-sm">{t('starter.sampleHint')}</p>
        {uploadSample.error && <ProblemText error={uploadSample.error} />}
      </div>
      <p className="flex items-center gap-3 text-muted text-sm before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
        {t('starter.or')}
      </p>
      <DropZone onFiles={upload} isCompact={compact} />
    </>
  );
}

interface LearningProps {
  documents: BotDocument[];
  onAsk: Props['onAsk'];
}

function Learning({ documents, onAsk }: LearningProps) {
  const { t } = useTranslation('training');
  const sample = documents.find(isSample);
  const canAsk = documents.some(({ searchable }) => searchable);
  const hasFailed = !canAsk && documents.every(({ status }) => status === 'failed');
  return (
    <>
      {canAsk ? (
        <Heading title={t('starter.readyTitle')} text={t(sample ? 'starter.readyText' : 'starter.readyTextOwn')} />
      ) : (
        <Heading
          title={t(hasFailed ? 'starter.failedTitle' : 'starter.learning')}
          text={hasFailed ? null : t('starter.learningText')}
        />
      )}
      <Card className="divide-y divide-line p-0">
        {documents.slice(0, 3).map((document) => (
          <Progress key={document.id} document={document} />
        ))}
      </Card>
      {canAsk && sample && onAsk && <Questions sample={sample} onAsk={onAsk} />}
    </>
  );
}

function Questions({ sample, onAsk }: { sample: BotDocument; onAsk: (question: string) => void }) {
  const language = sampleLanguageOf(sample);
  return <SuggestedQuestions onAsk={onAsk} {...(language && { language })} />;
}

function Progress({ document }: { document: BotDocument }) {
  const stage = stageOf(document);
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
      <FileText aria-hidden className="size-5 shrink-0 text-muted" />
      <p className="min-w-0 flex-1 basis-32 truncate font-medium text-[15px]">{document.filename}</p>
      {stage === 'vectors' ? <VectorProgress document={document} /> : <StageBadge stage={stage} />}
    </div>
  );
}

function Heading({ title, text }: { title: string; text: ReactNode }) {
  return (
    <div className="text-center">
      <h2 className="text-balance font-semibold text-xl tracking-tight">{title}</h2>
      {text && <p className="mx-auto mt-1.5 max-w-md text-pretty text-[15px] text-muted leading-6">{text}</p>}
    </div>
  );
}
