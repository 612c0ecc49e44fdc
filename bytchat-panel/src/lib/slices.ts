// Long work in short slices, so that the page answers between them.

const BUDGET_MS = 12;

/** What `work` gives in the end. It is paused wherever it yields and its slice is over; `signal` gives it up. */
export async function runInSlices<T>(work: Generator<void, T>, signal: AbortSignal): Promise<T> {
  let until = performance.now() + BUDGET_MS;
  while (true) {
    signal.throwIfAborted();
    const step = work.next();
    if (step.done) return step.value;
    if (performance.now() < until) continue;
    await nextTask();
    until = performance.now() + BUDGET_MS;
  }
}

/** All of it at once, for short texts and tests. */
export function runAtOnce<T>(work: Generator<void, T>): T {
  while (true) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
