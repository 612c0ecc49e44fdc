// Bodies as the API gives them; a test names only what it is about.
import type { ProblemBody } from '@/api/problem';
import type {
  Bot,
  BotDocument,
  Conversation,
  Message,
  ModelConfig,
  Provider,
  Quota,
  Registration,
  Session,
  User,
} from '@/api/types';

const AT = '2026-03-01T10:00:00Z';
let count = 0;
const id = () => `01955000-0000-7000-8000-${String(++count).padStart(12, '0')}`;

export function aUser(given: Partial<User> = {}): User {
  return { id: id(), email: 'nerea@ejemplo.com', created_at: AT, ...given };
}

export function aRegistration(given: Partial<Registration> = {}): Registration {
  return { mode: 'open', domains: [], ...given };
}

export function aSession(given: Partial<Session> = {}): Session {
  const user_agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0';
  const times = { created_at: AT, last_used_at: AT, expires_at: '2026-03-31T10:00:00Z' };
  return { id: id(), user_agent, ...times, current: false, ...given };
}

export function aQuota(given: Partial<Quota> = {}): Quota {
  return { quota: 'bots', used: 2, limit: 100, resets_at: null, ...given };
}

export function aConfig(given: Partial<ModelConfig> = {}): ModelConfig {
  const general = { task_type: 'general', provider: 'local', model_id: 'extractive', description: '' } as const;
  return { id: id(), ...general, created_at: AT, ...given };
}

export function aBot(given: Partial<Bot> = {}): Bot {
  const said = { name: 'Tornavía', description: '', system_prompt: '' };
  const answers = { grounding: 'open', min_score: 0.5, refusal: '' } as const;
  const searched = { embedding_model: 'local', embedding_change: null } as const;
  const at = { created_at: AT, updated_at: AT };
  return { id: id(), ...said, ...answers, ...searched, configs: [aConfig()], ...at, ...given };
}

export function aDocument(given: Partial<BotDocument> = {}): BotDocument {
  return {
    id: id(),
    filename: 'tienda.es.txt',
    size_bytes: 52_363,
    characters: 51_000,
    encoding: 'utf-8',
    language: 'es',
    status: 'ready',
    searchable: true,
    chunks: 161,
    chunks_embedded: 161,
    error: null,
    created_at: AT,
    ready_at: AT,
    ...given,
  };
}

export function aProvider(given: Partial<Provider> = {}): Provider {
  return {
    provider: 'openai',
    configured: false,
    needs_key: true,
    source: null,
    key_last4: null,
    key_problem: null,
    checked_at: null,
    prices_as_of: '2026-10-21',
    models: [],
    ...given,
  };
}

export function aQuestion(given: Partial<Message> = {}): Message {
  return {
    id: id(),
    role: 'user',
    text: '¿Cuánto cuesta la Molinera?',
    finish: null,
    error_code: null,
    provider: null,
    model_id: null,
    task_type: null,
    reason: null,
    input_tokens: null,
    output_tokens: null,
    tokens_estimated: null,
    cost_micro_usd: null,
    first_token_ms: null,
    duration_ms: null,
    question_id: null,
    citations: [],
    created_at: AT,
    ...given,
  };
}

export function anAnswer(given: Partial<Message> = {}): Message {
  return aQuestion({
    role: 'assistant',
    text: 'Cuesta 729,00 €.',
    finish: 'stop',
    provider: 'local',
    model_id: 'extractive',
    task_type: 'general',
    reason: 'general: una pregunta corta.',
    input_tokens: 120,
    output_tokens: 9,
    tokens_estimated: true,
    cost_micro_usd: 0,
    first_token_ms: 35,
    duration_ms: 60,
    ...given,
  });
}

export function aConversation(given: Partial<Conversation> = {}): Conversation {
  return { id: id(), bot_id: id(), title: 'La Molinera', created_at: AT, updated_at: AT, messages: [], ...given };
}

/** `detail` is what the server would say; `members` what a problem carries besides. */
export function aProblem(status: number, code: string, members: Partial<ProblemBody> = {}): Partial<ProblemBody> {
  const title = 'A problem';
  return { type: `urn:bytchat:problem:${code}`, title, status, detail: `detail of ${code}`, code, ...members };
}
