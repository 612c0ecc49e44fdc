// Tells those who do not see it what became of the documents that are in training.
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { BotDocument } from '@/api/types';
import { type Stage, stageOf } from '@/lib/training';
import { announce } from '@/store/announcer';

const NEWS = { vectors: 'said.searchable', ready: 'said.ready', failed: 'said.failed' } as const;

export function useTrainingNews(documents: readonly BotDocument[] | undefined): void {
  const { t } = useTranslation('training');
  const before = useRef(new Map<string, Stage>());
  useEffect(() => {
    const sentences: string[] = [];
    for (const document of documents ?? []) {
      const stage = stageOf(document);
      const last = before.current.get(document.id);
      before.current.set(document.id, stage);
      if (last && last !== stage && stage in NEWS) {
        sentences.push(t(NEWS[stage as keyof typeof NEWS], { name: document.filename }));
      }
    }
    if (sentences.length > 0) announce(sentences.join(' '));
  }, [documents, t]);
}
