// Tells whoever listens that an answer is complete: once, and not word by word.
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { announce } from '@/store/announcer';
import { useChat } from '@/store/chat';
import type { TurnHead } from '@/store/chatReducer';

/** More would hold up a screen reader for minutes; the rest is in the thread. */
const READ_CHARACTERS = 1_000;

export function useAnnouncedAnswers(heads: readonly TurnHead[]): void {
  const { t } = useTranslation('chat');
  const speaking = useRef(new Set<string>());
  useEffect(() => {
    for (const { id, phase } of heads) {
      if (phase === 'speaking') speaking.current.add(id);
      if (phase !== 'ended' || !speaking.current.delete(id)) continue;
      const turn = useChat.getState().turns[id];
      if (turn?.phase === 'ended') announce(t('answer.received', { text: spoken(turn.text) }));
    }
  }, [heads, t]);
}

/** Without the marks that mean nothing when they are read aloud. */
function spoken(text: string): string {
  return text.replace(/[*_`#]|\[\d+\]/g, '').slice(0, READ_CHARACTERS);
}
