import type { Bot } from '@/api/types';

const SHOWN = 8;

/** The few bots that changed last. */
export function recentBots(bots: readonly Bot[]): Bot[] {
  return [...bots].sort((one, other) => other.updated_at.localeCompare(one.updated_at)).slice(0, SHOWN);
}
