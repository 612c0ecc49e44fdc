// A live answer in the shape of a stored one, so that both are drawn by the same component.
import type { Citation, Message } from '@/api/types';
import { citedNumbers } from '@/lib/citations';
import type { Ending, LiveTurn } from '@/store/chatReducer';

type SpokenTurn = Extract<LiveTurn, { phase: 'speaking' | 'ended' }>;

/** `citations` are all passages that were given while it speaks, then what it cites of them. */
export function liveMessage(turn: SpokenTurn): Message {
  const { started, asked, text, firstTokenAt } = turn;
  const ending = turn.phase === 'ended' ? turn.ending : null;
  const usage = ending?.kind === 'finished' ? ending.usage : null;
  return {
    id: started.message_id,
    role: 'assistant',
    text,
    finish: finishOf(ending),
    error_code: ending?.kind === 'error' ? ending.code : null,
    provider: started.provider,
    model_id: started.model,
    task_type: started.task_type,
    reason: started.reason,
    input_tokens: usage?.input_tokens ?? null,
    output_tokens: usage?.output_tokens ?? null,
    tokens_estimated: usage?.estimated ?? null,
    cost_micro_usd: usage?.cost_micro_usd ?? null,
    first_token_ms: firstTokenAt === null ? null : firstTokenAt - asked.at,
    duration_ms: turn.phase === 'ended' ? turn.endedAt - asked.at : null,
    question_id: started.question_id,
    citations: citationsOf(turn, ending),
    created_at: new Date(asked.at).toISOString(),
  };
}

function finishOf(ending: Ending | null): Message['finish'] {
  if (ending === null) return null;
  if (ending.kind === 'finished') return ending.finish;
  return ending.kind === 'error' ? 'error' : 'interrupted';
}

/** An answer that is whole has been told what it stands on; one that broke off keeps its passages as they were. */
function citationsOf(turn: SpokenTurn, ending: Ending | null): Citation[] {
  if (ending === null) return [...turn.passages];
  return ending.kind === 'finished' ? ending.citations : citedOf(turn);
}

/** In the order of their first mention, as the API stores them. */
function citedOf(turn: SpokenTurn): Citation[] {
  return citedNumbers(turn.text).flatMap((n) => turn.passages.find((passage) => passage.n === n) ?? []);
}
