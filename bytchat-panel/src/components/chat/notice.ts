// What must be said below an answer that did not end as it should, and what helps where none began.
import type { Message } from '@/api/types';

export type Notice =
  | { kind: 'length' | 'blocked' | 'stopped' | 'empty'; tone: 'warn' | 'neutral' }
  | { kind: 'error'; tone: 'danger'; code: string };

/** Null for an answer that is whole, or still comes. */
export function noticeOf({
  finish,
  error_code,
  text,
}: Pick<Message, 'finish' | 'error_code' | 'text'>): Notice | null {
  switch (finish) {
    case 'length':
    case 'blocked':
      return { kind: finish, tone: 'warn' };
    case 'interrupted':
      return { kind: 'stopped', tone: 'neutral' };
    case 'error':
      return { kind: 'error', tone: 'danger', code: error_code ?? 'answer_cut_short' };
    case 'stop':
      return text.trim() === '' ? { kind: 'empty', tone: 'neutral' } : null;
    default:
      return null;
  }
}

export type Remedy = 'toolbox' | 'providers' | 'new' | 'retry';

/** What brings a question further that was refused with this code. */
export function remedyFor(code: string): Remedy {
  switch (code) {
    case 'no_model':
      return 'toolbox';
    case 'provider_key_missing':
    case 'provider_key_invalid':
    case 'provider_key_unreadable':
      return 'providers';
    case 'conversation_not_found':
    case 'bot_not_found':
    case 'message_not_found':
      return 'new';
    default:
      return 'retry';
  }
}
