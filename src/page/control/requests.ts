import { fetchAnew, SERVER } from '../server.ts';

const POST = { method: 'POST', headers: { 'content-type': 'application/json' } };

/** Asks the control API, or has it do something; throws an error with a sentence for people. */
export async function askControl<Answer>(path: string, body?: object): Promise<Answer> {
  const url = new URL(`v1/control${path}`, SERVER);
  const init: object = body === undefined ? {} : { ...POST, body: JSON.stringify(body) };
  const answer = await fetchAnew(url.href, init).catch(() => undefined);
  if (answer === undefined) throw new Error(`There was no answer from ${url.host}.`);
  const said = await answer
    .text()
    .then(JSON.parse)
    .catch(() => undefined);
  if (answer.status === 200 && said !== undefined) return said;
  const { message } = said?.error ?? {};
  throw new Error(message ?? `The server answered with HTTP status ${answer.status}.`);
}
