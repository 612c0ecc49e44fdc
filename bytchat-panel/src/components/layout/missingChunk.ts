// After a new release the files of the old one are gone; each browser says so in its own words.
const SAID = [
  'Failed to fetch dynamically imported module',
  'error loading dynamically imported module',
  'Importing a module script failed',
  'Unable to preload CSS',
];

export function isMissingChunk(error: unknown): boolean {
  return error instanceof Error && SAID.some((words) => error.message.includes(words));
}
