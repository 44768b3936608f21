import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/**
 * What axe finds wrong with the page as it is now: a rule and the elements that break it. `rules`
 * are those to look at; without them, all.
 */
export async function violations(page: Page, rules?: readonly string[]): Promise<string[]> {
  // The page's own policy forbids scripts from elsewhere; evaluate is not bound by it.
  if (!(await page.evaluate(() => 'axe' in window))) {
    await page.evaluate(readFileSync(AXE, 'utf8'));
  }
  return page.evaluate(async (only) => {
    const { axe } = window as unknown as {
      axe: {
        run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
      };
    };
    const { violations } = await axe.run({
      // What is right need not be described: that takes most of the time.
      resultTypes: ['violations'],
      selectors: false,
      ...(only === undefined ? {} : { runOnly: only }),
    });
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`,
    );
  }, rules);
}
