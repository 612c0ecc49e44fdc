// The answer of a bot that answers from its documents alone, where they do not hold it: no model has spoken.

const REFUSAL = 'refusal';

interface Answered {
  provider: string | null;
  model_id: string | null;
}

export function isRefusal({ provider, model_id }: Answered): boolean {
  return provider === 'local' && model_id === REFUSAL;
}
