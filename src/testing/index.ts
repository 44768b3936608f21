/**
 * `tickwell/testing`: a market for tests on a real server, whose time stands still until it is told
 * to go on.
 *
 * ```ts
 * import { startTestMarket } from 'tickwell/testing';
 *
 * const market = await startTestMarket({ preset: 'equities', at: '2026-03-02T14:30:00Z' });
 * await market.advance('10s');
 * await market.halt('NIMBO', { for: '30s' });
 * await market.stop();
 * ```
 *
 * docs/testing.md shows it with Vitest, Jest, node:test and Playwright.
 */

export { startTestMarket, type TestMarketOptions } from './start.ts';
export type { Done, Duration, For, TestMarket } from './test-market.ts';
