// What a page must never do: break its own policy, throw, complain in the console, or call somebody else.
import type { BrowserContext, ConsoleMessage, Request } from 'playwright-core';

/** How Chromium tells of an answer with an error status. */
const REFUSED = /^Failed to load resource: the server responded with a status of (\d+)/;

export class Watch {
  private readonly origins: string[];
  private readonly found: string[] = [];
  private readonly allowedStatuses = new Set<number>();
  private readonly allowedWords: RegExp[] = [];

  private constructor(origins: string[]) {
    this.origins = origins;
  }

  /** From now on, over every page of this browser context. */
  static async over(context: BrowserContext, origins: string[]): Promise<Watch> {
    const watch = new Watch(origins);
    await context.exposeBinding('reportViolation', (_, violation: string) => watch.tell('policy', violation));
    await context.addInitScript(reportViolations);
    context.on('console', (message) => watch.hear(message));
    context.on('weberror', (uncaught) => watch.tell('uncaught', String(uncaught.error().stack)));
    context.on('request', (request) => watch.follow(request));
    return watch;
  }

  /** The test provokes answers of these statuses; the browser's own line about them is no fault. */
  expectStatus(...statuses: number[]): void {
    for (const status of statuses) this.allowedStatuses.add(status);
  }

  /** The test provokes this line in the console. */
  expectConsole(words: RegExp): void {
    this.allowedWords.push(words);
  }

  /** What was wrong so far; empty is well. */
  faults(): readonly string[] {
    return this.found;
  }

  /** Throws where anything was wrong. */
  requireClean(): void {
    if (this.found.length > 0) throw new Error(`The page is not clean:\n${this.found.join('\n')}`);
  }

  private tell(kind: string, words: string): void {
    this.found.push(`${kind}: ${words}`);
  }

  private hear(message: ConsoleMessage): void {
    if (message.type() !== 'error') return;
    const text = message.text();
    const status = Number(text.match(REFUSED)?.[1] ?? 0);
    if (this.allowedStatuses.has(status) || this.allowedWords.some((words) => words.test(text))) return;
    this.tell('console', `${text} (${message.location().url})`);
  }

  private follow(request: Request): void {
    const { protocol, origin } = new URL(request.url());
    if (protocol === 'data:' || protocol === 'blob:' || this.origins.includes(origin)) return;
    this.tell('request elsewhere', request.url());
  }
}

function reportViolations(): void {
  const { reportViolation } = window as unknown as { reportViolation: (words: string) => void };
  document.addEventListener('securitypolicyviolation', (event) => {
    reportViolation(
      `${event.effectiveDirective} refuses ${event.blockedURI} in ${event.sourceFile}:${event.lineNumber}`,
    );
  });
}
