// Questions that the sample handbook answers, each one click away from being asked.
import { ArrowRight } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { type SampleLanguage, SUGGESTED_QUESTIONS, sampleLanguage } from '@/lib/sample';

interface Props {
  onAsk: (question: string) => void;
  /** The handbook's; without it, the panel's. */
  language?: SampleLanguage;
}

export function SuggestedQuestions({ onAsk, language }: Props) {
  const { t, i18n } = useTranslation('training');
  const questions = SUGGESTED_QUESTIONS[language ?? sampleLanguage(i18n.language)];
  return (
    <ul aria-label={t('suggested')} className="flex w-full flex-col gap-2">
      {questions.map((question) => (
        <li key={question}>
          <button
            type="button"
            onClick={() => onAsk(question)}
            className="group flex min-h-11 w-full items-center gap-3 rounded-lg border border-line bg-surface px-4 py-2.5 text-left text-[15px] leading-5 transition-colors hover:border-accent hover:bg-accent-soft"
          >
            <span lang={language} className="min-w-0 flex-1 text-pretty">
              {question}
            </span>
            <ArrowRight aria-hidden className="size-4 shrink-0 text-muted group-hover:text-accent" />
          </button>
        </li>
      ))}
    </ul>
  );
}
