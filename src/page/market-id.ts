import { ClientError } from '../client/index.ts';
import type { Model } from './model.ts';

/** A stream says a new id before the first row of it: soon after a question may meet it. */
const MOST_MS = 5_000;

/**
 * Asks a question that names the market id. If something was done to the market in that moment, it
 * is asked again once the stream has said the new id: a server may have another market by now.
 */
export async function askNamed<Answer>(
  { marketId }: Model,
  ask: (market: string) => Promise<Answer>,
): Promise<Answer> {
  const id = marketId.peek();
  try {
    return await ask(id);
  } catch (error) {
    if (!(error instanceof ClientError) || error.code !== 'market_changed') throw error;
    await new Promise((resolve) => {
      setTimeout(resolve, MOST_MS);
      marketId.subscribe((now) => now === id || resolve(now));
    });
    if (marketId.peek() === id) throw error;
    return ask(marketId.peek());
  }
}
