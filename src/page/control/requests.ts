import { SERVER } from '../server.ts';

/** Asks the control API, or has it do something; throws an error with a sentence for people. */
export async function askControl<Answer>(path: string, body?: object): Promise<Answer> {
  const url = new URL(`v1/control${path}`, SERVER);
  const init: RequestInit =
    body === undefined
      ? { cache: 'no-store' }
      : {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        };
  const answer = await fetch(url, init).catch(() => undefined);
  if (answer === undefined) throw new Error(`There was no answer from ${url.host}.`);
  const said = await answer.json().catch(() => undefined);
  if (answer.ok && said !== undefined) return said;
  const { message } = said?.error ?? {};
  throw new Error(message ?? `The server answered with HTTP status ${answer.status}.`);
}
