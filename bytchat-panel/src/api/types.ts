// The API's bodies by the names that we say aloud; the shapes are generated.
import type { components } from './schema';

type Schemas = components['schemas'];

export type User = Schemas['UserView'];
export type Session = Schemas['SessionView'];
export type Quota = Schemas['QuotaView'];
export type Registration = Schemas['RegistrationView'];
export type Bot = Schemas['BotView'];
export type NewBot = Schemas['NewBot'];
export type BotChange = Schemas['BotChange'];
export type Grounding = Bot['grounding'];
export type EmbeddingModel = Bot['embedding_model'];
export type EmbeddingChange = NonNullable<Bot['embedding_change']>;
export type ModelConfig = Schemas['ModelConfigView'];
export type NewModelConfig = Schemas['ModelConfigBody'];
export type ModelConfigChange = Schemas['ModelConfigChange'];
export type Provider = Schemas['ProviderView'];
export type ProviderName = Schemas['Provider'];
export type ProviderModel = Schemas['ProviderModelView'];
export type BotDocument = Schemas['DocumentView'];
export type FoundPassage = Schemas['PassageView'];
export type Found = Schemas['SearchView'];
export type Conversation = Schemas['ConversationView'];
export type ConversationSummary = Schemas['ConversationSummary'];
export type Message = Schemas['MessageView'];
export type Citation = Schemas['CitationView'];
export type Usage = Schemas['UsageView'];
export type UsageFigures = Schemas['UsageFigures'];
