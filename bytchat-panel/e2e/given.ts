// The platform that is tested may be one that runs already: PANEL_URL says where, and API_URL where its API is.
import { beforeEach } from 'vitest';

export const isGiven = Boolean(process.env.PANEL_URL);

/** For a file whose tests need scripted models, settings or servers of their own: it is skipped elsewhere. */
export function needsOwnPlatform(): void {
  beforeEach(({ skip }) => skip(isGiven, 'needs a platform of its own: run it without PANEL_URL'));
}
