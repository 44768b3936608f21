import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { makingReadyCost } from '../budgets/cost.ts';
import { payerOf } from '../budgets/work.ts';
import type { Service } from '../service.ts';
import { ReadyBody } from './ready.ts';

interface File {
  readonly body: ReadyBody;
  readonly type: string;
}

/**
 * Keeps the files that the routes of `scope` answer with: each is read and compressed once, when it
 * is first asked for. None of them changes while the program runs. Metrics count all as `name`. To
 * be called before there are routes.
 */
export function keepFiles(scope: FastifyInstance, service: Service, name: string): void {
  /** As many as there are files. */
  const kept = new Map<string, File>();
  const pay = payerOf(service);

  scope.addHook('onRoute', (route) => {
    // Browsers ask for many at once, and none takes memory of its own.
    route.config = { ...route.config, isUncounted: true, isStrict: false, countedAs: name };
  });
  scope.addHook('preHandler', async (request, reply) => {
    const file = kept.get(nameOf(request));
    if (file === undefined) return;
    void reply.header('content-type', file.type);
    return file.body.send(request, reply, pay(request));
  });
  scope.addHook('onSend', async (request, reply, payload: Readable | Buffer | string | null) => {
    const isNew = request.method === 'GET' && reply.statusCode === 200;
    if (!isNew || payload === null || kept.has(nameOf(request))) return payload;
    const plain = await bytesOf(payload);
    const address = service.addresses.of(request.ip);
    // It has been begun: what cannot be paid any more is owed.
    address.spend(makingReadyCost(plain.byteLength), service.clock.steadyMs());
    const body = await ReadyBody.of(plain);
    const type = String(reply.getHeader('content-type'));
    // What is not a file is another at another address: it says where its parts are.
    if (reply.hasHeader('last-modified')) kept.set(nameOf(request), { body, type });
    reply.removeHeader('last-modified');
    const { encoding, bytes } = body.chosenBy(request);
    void reply.headers({
      etag: body.etag,
      vary: 'accept-encoding',
      'content-length': bytes.length,
    });
    if (encoding !== 'identity') void reply.header('content-encoding', encoding);
    return bytes;
  });
}

/** Whether a request is for `folder` itself, which ends with a slash, or for its index.html. */
export function isIndexOf(folder: string, { routeOptions: { url }, params }: FastifyRequest) {
  if (url === `${folder}index.html`) return true;
  if (url !== `${folder}*`) return false;
  const { '*': rest = '' } = params as Readonly<Record<string, string>>;
  return /^(\.\/|index\.html)$/.test(posix.normalize(`./${rest}`));
}

/** One for each file, however a client spells its path. */
function nameOf({ routeOptions: { url = '' }, params }: FastifyRequest): string {
  const rest = (params as Readonly<Record<string, string>>)['*'] ?? '';
  return `${url} ${posix.normalize(rest)}`;
}

async function bytesOf(payload: Readable | Buffer | string): Promise<Buffer> {
  if (typeof payload === 'string') return Buffer.from(payload);
  return Buffer.isBuffer(payload) ? payload : await buffer(payload);
}
