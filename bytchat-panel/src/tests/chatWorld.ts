// A bot with its conversations as the API holds them, and the chat page in front of it.
import { screen } from '@testing-library/react';
import { HttpResponse } from 'msw';
import { afterEach, beforeEach } from 'vitest';
import type { Bot, BotDocument, Conversation, ConversationSummary, Message } from '@/api/types';
import { useChat } from '@/store/chat';
import { A_CONVERSATION_ID } from './chatStream';
import { aBot, aConversation, aDocument } from './factories';
import { renderAt } from './renderAt';
import { http, server } from './server';
import { giveElementsRoom } from './training';

interface World {
  bot: Bot;
  documents: BotDocument[];
  conversation: Conversation;
  list: ConversationSummary[];
}

/** What the API holds; tests change it as the API would. */
export const world = {} as World;

/** At the top of a test file. */
export function prepareChatWorld(): void {
  beforeEach(() => {
    giveElementsRoom();
    const bot = aBot();
    const conversation = aConversation({ id: A_CONVERSATION_ID, bot_id: bot.id, title: 'La Molinera' });
    Object.assign(world, { bot, documents: [aDocument({ characters: 1 })], conversation, list: [] });
    server.use(
      http.get('/bots/', ({ response }) => response(200).json([world.bot])),
      http.get('/bots/{bot_id}', ({ response }) => response(200).json(world.bot)),
      http.get('/bots/{bot_id}/documents/', ({ response }) => response(200).json(world.documents)),
      http.get('/bots/{bot_id}/conversations/', ({ response }) => response(200).json(world.list)),
      http.get('/conversations/{conversation_id}', ({ response }) => response(200).json(world.conversation)),
    );
  });
  afterEach(() => useChat.getState().leave());
}

/** The API has stored these messages in the conversation. */
export function store(...messages: Message[]): void {
  world.conversation = { ...world.conversation, messages: [...world.conversation.messages, ...messages] };
  world.list = [world.conversation];
}

export function onAsked(respond: (request: Request) => Response): void {
  server.use(http.post('/chat/{bot_id}', ({ request, response }) => response.untyped(respond(request.clone()))));
}

/** The question is refused before anything is said. */
export function onAskedRefuse(status: number, problem: { code: string; [member: string]: string }): void {
  onAsked(() => HttpResponse.json({ detail: problem.code, ...problem }, { status }));
}

export function openChat(conversationId = '') {
  return renderAt(`/bots/${world.bot.id}/chat/${conversationId}`);
}

export const field = () => screen.findByRole('textbox', { name: 'Pregunta' });
export const answers = () => screen.getAllByRole('article', { name: 'Respuesta' });
