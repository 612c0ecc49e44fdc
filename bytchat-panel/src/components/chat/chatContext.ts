// What everything inside a thread may do, without being handed down through each part.
import { createContext, useContext } from 'react';
import type { Citation } from '@/api/types';
import type { Asking } from '@/queries/conversations';
import { liveIdOf, useChat } from '@/store/chat';

export interface ChatActions extends Asking {
  botId: string;
  place: string;
  /** `said`: what the answer says of it. */
  openPassage: (citation: Citation, said: string) => void;
  /** Put a question back where one types. */
  edit: (id: string, query: string) => void;
  startNew: () => void;
}

export const ChatContext = createContext<ChatActions | null>(null);

export function useChatActions(): ChatActions {
  const actions = useContext(ChatContext);
  if (!actions) throw new Error('There is no chat around this component.');
  return actions;
}

/** Whether an answer is coming here: then nothing else may be asked. */
export function useIsAnswering(place: string): boolean {
  return useChat((chat) => liveIdOf(chat, place) !== undefined);
}
