import type { Fetch } from '../client/index.ts';
import { fetchAnew } from './server.ts';

/**
 * The JSON that the server answers with. Throws an error with a sentence for people: the server's,
 * if it has said one.
 */
export async function askFor<Answer>(
  url: URL,
  init: Parameters<Fetch>[1] & RequestInit = {},
  ask: Fetch = fetchAnew,
): Promise<Answer> {
  const answer = await ask(url.href, init).catch(() => undefined);
  if (answer === undefined) throw new Error(`There was no answer from ${url.host}.`);
  const said = await answer
    .text()
    .then(JSON.parse)
    .catch(() => undefined);
  if (answer.status === 200 && said !== undefined) return said;
  const { message } = said?.error ?? {};
  throw new Error(message ?? `The server answered with HTTP status ${answer.status}.`);
}
