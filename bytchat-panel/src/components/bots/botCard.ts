// What a bot's card shows of its toolbox, and what the search looks through.
import type { Bot } from '@/api/types';
import { isMatch } from '@/lib/search';

/** The models' names, each once, in the toolbox's order. */
export function modelNames(bot: Bot): string[] {
  return [...new Set(bot.configs.map(({ model_id }) => model_id))];
}

export function matchingBots(bots: readonly Bot[], query: string): Bot[] {
  return bots.filter((bot) => isMatch(query, [bot.name, bot.description, ...modelNames(bot)]));
}

/** The letter of the bot's picture; whole characters, so that an emoji stays one. */
export function initialOf(name: string): string {
  return ([...name.trim()][0] ?? '?').toUpperCase();
}
