// The events of an answer and of training, as `docs/api.md` lists them.
import type { BotDocument, Citation, ProviderName } from './types';

export interface Passage {
  n: number;
  document_id: string;
  filename: string;
  start: number;
  end: number;
  quote: string;
  score: number;
}

export interface AnswerUsage {
  input_tokens: number;
  output_tokens: number;
  estimated: boolean;
  cost_micro_usd: number | null;
}

export type ChatEvent =
  | {
      kind: 'started';
      message_id: string;
      conversation_id: string;
      question_id: string;
      model: string;
      provider: ProviderName;
      task_type: string;
      reason: string;
    }
  | { kind: 'sources'; passages: Passage[] }
  | { kind: 'delta'; text: string }
  /** `citations`: what the answer cites, each narrowed to the sentences that it stands on. */
  | { kind: 'finished'; finish: 'stop' | 'length' | 'blocked'; usage: AnswerUsage; citations: Citation[] }
  | { kind: 'error'; code: string; detail: string };

export type TrainingEvent = { kind: 'progress'; document: BotDocument } | { kind: 'finished' };
