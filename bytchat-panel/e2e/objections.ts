// What keeps somebody out of a page, or is cut off in it.
import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** What axe objects to and what runs out of the page sideways, a line each. */
export async function faultsOf(tab: Page): Promise<string[]> {
  return [...(await objections(tab)), ...(await overflowing(tab))];
}

/** What axe objects to, a line each. */
export async function objections(tab: Page): Promise<string[]> {
  await tab.evaluate(axe.source);
  const { violations } = await tab.evaluate(() =>
    (window as unknown as { axe: typeof axe }).axe.run({
      resultTypes: ['violations'],
      rules: { 'target-size': { enabled: true } },
    }),
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ html, failureSummary }) => `${id}: ${html.slice(0, 160)}\n  ${failureSummary?.split('\n')[1]?.trim()}`,
    ),
  );
}

/** What can be scrolled sideways, or is, and does not say `overflow-x-auto`. */
export function overflowing(tab: Page): Promise<string[]> {
  return tab.evaluate(() => {
    const isWide = (element: Element) => element.scrollWidth > element.clientWidth + 1;
    const scrolls = (element: Element) => /auto|scroll/.test(getComputedStyle(element).overflowX);
    const found = [...document.querySelectorAll('*')].filter(
      (element) =>
        scrolls(element) && isWide(element) && !element.matches('.overflow-x-auto, .overflow-auto, textarea'),
    );
    const root = document.documentElement;
    return [...(root.scrollWidth > root.clientWidth ? [root] : []), ...found].map((element) =>
      element.outerHTML.slice(0, 160),
    );
  });
}
