// Before the first question: what the bot can do, or what it still needs for that.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { SuggestedQuestions } from '@/components/training/SuggestedQuestions';
import { TrainingStarter } from '@/components/training/TrainingStarter';
import { type SampleLanguage, sampleToAsk } from '@/lib/sample';
import { useDocuments } from '@/queries/documents';
import { useChatActions } from './chatContext';

export function EmptyChat({ botName }: { botName: string }) {
  const { i18n } = useTranslation();
  const { ask, botId } = useChatActions();
  const { data: documents, isPending } = useDocuments(botId);
  const isNew = useWasEmpty(documents);
  const onAsk = (query: string) => ask({ query });
  const sample = documents && sampleToAsk(documents, i18n.language);
  return (
    <div className="relative min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto flex min-h-full w-full max-w-3xl flex-col justify-center px-4 py-8 sm:px-6">
        {isNew && <TrainingStarter botId={botId} onAsk={onAsk} compact />}
        {!isNew && !isPending && <Greeting botName={botName} sample={sample} onAsk={onAsk} />}
      </div>
    </div>
  );
}

/** Whether there was nothing at the first look: what is said of the first training stays while it goes on. */
function useWasEmpty(documents: readonly unknown[] | undefined): boolean {
  const [wasEmpty, setWasEmpty] = useState<boolean | null>(null);
  if (documents && wasEmpty === null) setWasEmpty(documents.length === 0);
  return wasEmpty ?? false;
}

interface GreetingProps {
  botName: string;
  sample: SampleLanguage | undefined;
  onAsk: (query: string) => void;
}

function Greeting({ botName, sample, onAsk }: GreetingProps) {
  const { t } = useTranslation('chat');
  return (
    <>
      <h2 className="text-balance font-semibold text-2xl tracking-tight [overflow-wrap:anywhere] sm:text-3xl">
        {t('empty.title')}
      </h2>
      <p className="mt-2 max-w-xl text-pretty text-[15px] text-muted leading-6 [overflow-wrap:anywhere]">
        {t('empty.text', { name: botName })}
      </p>
      {sample && (
        <div className="mt-6">
          <SuggestedQuestions onAsk={onAsk} language={sample} />
        </div>
      )}
    </>
  );
}
