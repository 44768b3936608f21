import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import type { NewProtocol, Protocol } from '../../src/delivery/protocol.ts';
import { METRICS_COST, REQUEST_COST, readingCost } from '../../src/host/budgets/cost.ts';
import { DEFAULT_LIMITS } from '../../src/server/limits.ts';
import { PROTOCOLS } from '../../src/server/protocols.ts';
import { eventually } from '../helpers/eventually.ts';
import { parseMetrics } from '../helpers/exposition.ts';
import { startTestServer, type TestServer, type TestServerOptions } from '../helpers/server.ts';

const running: TestServer[] = [];

afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});

const STATUSES: Readonly<Record<string, number>> = { not_found: 400, bad_json: 422 };

/** A protocol with errors of its own shape and status, and these routes. */
function foreign(addRoutes: Protocol['addRoutes'], rest: Partial<Protocol> = {}): NewProtocol {
  return () => ({
    name: 'foreign',
    encodeError: ({ code, message }) => ({
      ...{ contentType: 'text/plain', body: `foreign ${code}: ${message}` },
      ...(STATUSES[code] === undefined ? {} : { status: STATUSES[code] }),
    }),
    addRoutes,
    ...rest,
  });
}

/** A server that speaks Tickwell's own and `protocol`. */
async function start(protocol: NewProtocol, options: TestServerOptions = {}): Promise<TestServer> {
  const server = await startTestServer({ protocols: [...PROTOCOLS, protocol], ...options });
  running.push(server);
  return server;
}

/** What a protocol adds in each of the ways that there are. */
const WAYS: readonly (readonly [
  way: string,
  (add: (app: FastifyInstance) => void | Promise<void>) => NewProtocol,
])[] = [
  ['its routes', (add) => foreign(add)],
  [
    'its routes, later',
    (add) =>
      foreign(async (app) => {
        await nextTurn();
        await add(app);
      }),
  ],
  [
    'a plugin of its own',
    (add) => foreign((app) => void app.register(async (plugin) => void (await add(plugin)))),
  ],
  ['its document', (add) => foreign(() => {}, { document: async (app) => void (await add(app)) })],
  [
    'a plugin of its document',
    (add) =>
      foreign(() => {}, {
        document: async (app) => void app.register(async (plugin) => void (await add(plugin))),
      }),
  ],
];

describe('a route of a protocol', () => {
  const PROBE = 'must be paid and checked as all are, without isProbe; given: GET "/toy/free"';

  it.each(WAYS)('cannot be a probe, which is free and let in under any name: %s', async (_, by) => {
    const config = { isProbe: true };
    const early = by((app) => void app.get('/toy/free', { config }, () => 'free'));
    await expect(start(early)).rejects.toThrow(PROBE);
    const late = by((app) => {
      app.addHook('onRoute', (route) => {
        if (route.url === '/toy/free') Object.assign(route, { config });
      });
      app.get('/toy/free', () => 'free');
    });
    await expect(start(late)).rejects.toThrow(PROBE);
  });

  it.each(WAYS)('is not for pages of other origins unless it says so: %s', async (_, by) => {
    const server = await start(by((app) => void app.get('/toy/last', () => 'it')));
    const answer = await server.get('/toy/last');
    expect(answer).toMatchObject({ status: 200, text: 'it' });
    expect(answer.headers.get('access-control-allow-origin')).toBe(null);
    const paths = (await server.get('/openapi.json')).json.paths;
    expect(Object.keys(paths)).not.toContain('/toy/last');
  });

  it.each(WAYS)('is asked for by HEAD at the same price and name: %s', async (_, by) => {
    const limits = { workPerSecond: 1, workBurst: 2 * REQUEST_COST };
    const server = await start(
      by((app) => void app.get('/toy/last', () => 'it')),
      { limits },
    );
    expect((await server.get('/toy/last', { method: 'HEAD' })).status).toBe(200);
    expect((await server.get('/toy/last', { method: 'HEAD' })).status).toBe(200);
    expect((await server.get('/toy/last', { method: 'HEAD' })).status).toBe(429);
  });

  it.each(WAYS)('cannot write its errors or read its bodies past the house: %s', async (_, by) => {
    const handler = by((app) => void app.setErrorHandler(() => 'all is well'));
    await expect(start(handler)).rejects.toThrow(
      'a protocol must write its errors by encodeError; given: setErrorHandler',
    );
    const parser = by((app) => {
      app.addContentTypeParser('text/plain', (_request, _body, done) => done(null, 'free'));
    });
    await expect(start(parser)).rejects.toThrow(
      'a protocol must say by maxJsonBytes which bodies it takes; given: addContentTypeParser',
    );
  });

  it('that answers by itself has been paid and is counted all the same', async () => {
    const hijacking = foreign((app) => {
      app.addHook('onRequest', async (_request, reply) => void reply.hijack().raw.end('mine'));
      app.get('/toy/raw', () => 'never');
    });
    const limits = { workPerSecond: 1, workBurst: 2 * REQUEST_COST + METRICS_COST };
    const server = await start(hijacking, { limits });
    expect((await server.get('/toy/raw')).text).toBe('mine');
    const { value } = parseMetrics((await server.get('/metrics')).text);
    const count = 'tickwell_http_request_duration_seconds_count';
    expect(value(`${count}{route="/toy/raw",status="2xx",protocol="foreign"}`)).toBe(1);
    expect((await server.get('/toy/raw')).text).toMatch(/^foreign rate_limited/);
  });
});

describe('protocols', () => {
  it('cannot have one name, or count their connections as the same', async () => {
    const named = foreign(() => {});
    await expect(start(named, { protocols: [...PROTOCOLS, named, named] })).rejects.toThrow(
      'protocols must have names of their own; given: foreign of both foreign and foreign',
    );
    const json = foreign(() => {}, { encodings: ['sse', 'json'] });
    await expect(start(json)).rejects.toThrow(
      /^protocols must have encodings of their own; given: \w+ of both tickwell and foreign$/,
    );
  });

  it('that fail while the server stops leave no timer behind', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout');
    const before = timers().length;
    const failing = foreign((app) => {
      app.addHook('onClose', async () => {
        throw new Error('a bug');
      });
    });
    const { server } = await startTestServer({ protocols: [...PROTOCOLS, failing] });
    await expect(server.stop()).rejects.toThrow('a bug');
    await eventually(() => expect(timers().length).toBeLessThanOrEqual(before));
  });
});

describe('routes by other methods than GET', () => {
  const order = foreign(
    (app) => {
      app.get('/toy/order', { schema: { querystring: names('id') } }, () => 'got');
      app.post('/toy/order', { schema: { querystring: names('dry') } }, ({ body }) => ({ body }));
      app.delete('/toy/order/:id', ({ params }) => params);
      app.post('/toy/only', { schema: { body: QUANTITY } }, () => 'posted');
    },
    { prefixes: ['/toy'], maxJsonBytes: 100, isStrict: true },
  );
  const post = (body: string, type = 'application/json'): RequestInit => ({
    ...{ method: 'POST', body, headers: { 'content-type': type } },
  });

  it('know the parameters of their own method', async () => {
    const server = await start(order);
    expect((await server.get('/toy/order?id=1')).text).toBe('got');
    expect((await server.get('/toy/order?dry=1', post('{}'))).status).toBe(200);
    const wrong = await server.get('/toy/order?dry=1');
    expect(wrong.status).toBe(400);
    expect(wrong.text).toContain('"dry"');
    expect((await server.get('/toy/order?id=1', post('{}'))).status).toBe(400);
  });

  it.each([
    ['PUT', '/toy/order', 'GET, HEAD, POST', 'GET, HEAD and POST'],
    ['GET', '/toy/only?x=1', 'POST', 'POST'],
    ['PATCH', '/toy/order/7', 'DELETE', 'DELETE'],
  ])('are named where %s %s is none', async (method, target, allow, list) => {
    const server = await start(order);
    const answer = await server.get(target, { method });
    const [path] = target.split('?');
    expect(answer.text).toBe(`foreign not_found: ${path} takes ${list} alone; given: ${method}`);
    expect(answer.headers.get('allow')).toBe(allow);
    const own = await server.get('/v1/rows', { method: 'POST' });
    expect(own.headers.get('allow')).toBe('GET, HEAD');
    expect(own.json.error.message).toBe('/v1/rows takes GET and HEAD alone; given: POST');
  });

  it.each(['POST', 'DELETE', 'PUT'])('are taken of no page of another site: %s', async (method) => {
    let heard = 0;
    const control = foreign((app) => {
      const handler = () => `${++heard}`;
      app.route({ method: ['GET', 'POST', 'DELETE', 'PUT'], url: '/toy/control', handler });
    });
    const server = await start(control, { access: { allowedOrigins: ['https://ours.example'] } });
    const from = (origin: string, by = method) =>
      // As a form is sent: without a preflight.
      server.get('/toy/control', { method: by, headers: { origin, 'content-type': 'text/plain' } });
    for (const origin of ['http://evil.example', 'null', 'http://localhost.evil.example']) {
      const answer = await from(origin);
      expect(answer.status).toBe(403);
      expect(answer.text).toContain('foreign bad_origin: Origin must be that of this server');
    }
    expect(heard).toBe(0);
    expect((await from('http://evil.example', 'GET')).status).toBe(200);
    expect((await from('https://ours.example')).status).toBe(200);
    expect((await from(server.server.url)).status).toBe(200);
    expect((await from('http://localhost:3000')).status).toBe(200);
    expect((await server.get('/toy/control', { method })).status).toBe(200);
    expect(heard).toBe(5);
    expect(server.failures).toEqual([]);
  });

  it('get the JSON that they say they take', async () => {
    const server = await start(order);
    expect((await server.get('/toy/order', post('{"a":[1]}'))).json).toEqual({ body: { a: [1] } });
    const longest = `"${'x'.repeat(98)}"`;
    expect((await server.get('/toy/order', post(longest))).status).toBe(200);
    expect((await server.get('/toy/order', { method: 'POST' })).status).toBe(200);
  });

  it.each([
    ['longer', post(`"${'x'.repeat(99)}"`), 413, 'body_too_large: the body must be of at most 100'],
    ['in chunks', chunked('x'.repeat(101)), 413, 'the body must be of at most 100 bytes; given: m'],
    [
      'a form',
      post('a=1', 'application/x-www-form-urlencoded'),
      415,
      'unsupported_media_type: Con',
    ],
    ['a text', post('{}', 'text/plain'), 415, 'must be application/json; given: "text/plain"'],
    ['packed', packed('{}'), 415, 'must come as it is, without Content-Encoding; given: gzip'],
    ['broken', post('{bad'), 422, 'foreign bad_json: the body must be JSON; given: {bad'],
    ['empty', post(''), 422, 'foreign bad_json: the body must be JSON; given: ""'],
    [
      'poisoned',
      post('{"__proto__":1}'),
      422,
      'bad_json: the body must have no field "__proto__", nor a "constructor" with a "prototype"; ' +
        'given: {"__proto__":1}',
    ],
  ])('are refused a body that is %s, in their own words', async (_, init, status, says) => {
    const server = await start(order);
    const answer = await server.get('/toy/order', init);
    expect(answer.text).toContain(says);
    expect(answer.status).toBe(status);
    expect(server.failures).toEqual([]);
  });

  it.each([
    ['{"quantity":"many"}', 'quantity must be integer; given: many'],
    ['{"quantity":1000}', 'quantity must be <= 9; given: 1000'],
    ['{}', 'quantity is missing'],
    ['{"quantity":1,"at":{"price":"x"}}', 'at.price must be number; given: x'],
  ])('say what is wrong with the body %s', async (body, says) => {
    const server = await start(order);
    const answer = await server.get('/toy/only', post(body));
    expect(answer).toMatchObject({ status: 400, text: `foreign bad_request: ${says}` });
  });

  it('are paid for what they read, before it is', async () => {
    const body = JSON.stringify('x'.repeat(80));
    const workBurst = 2 * REQUEST_COST + readingCost(body.length);
    const server = await start(order, { limits: { workPerSecond: 1, workBurst } });
    expect((await server.get('/toy/order', post(body))).status).toBe(200);
    const refused = await server.get('/toy/order', post(body));
    expect(refused.text).toMatch(/^foreign rate_limited/);
  });

  it('take no longer body than the server allows any, whatever they say', async () => {
    const greedy = foreign(
      (app) => void app.post('/toy/all', { bodyLimit: 2 ** 30 }, ({ body }) => String(body).length),
      { maxJsonBytes: 2 ** 30 },
    );
    const server = await start(greedy);
    const most = DEFAULT_LIMITS.maxBodyBytes;
    expect((await server.get('/toy/all', post(`"${'x'.repeat(most - 2)}"`))).status).toBe(200);
    expect((await server.get('/toy/all', post(`"${'x'.repeat(most - 1)}"`))).status).toBe(413);
    await expect(start(foreign(() => {}, { maxJsonBytes: 0 }))).rejects.toThrow(
      'maxJsonBytes must be a whole number from 1; given: 0',
    );
  });

  it('that say nothing of bodies look at none', async () => {
    const deaf = foreign((app) => void app.post('/toy/deaf', ({ body }) => typeof body));
    const server = await start(deaf);
    expect((await server.get('/toy/deaf', post('{bad'))).text).toBe('undefined');
  });
});

describe('the errors of a protocol', () => {
  const prefixed = foreign((app) => void app.get('/toy/last', () => 'it'), {
    prefixes: ['/toy', '/other/v3'],
  });

  it.each([
    ['/toy/lst', 'foreign not_found: no such path "/toy/lst"; did you mean "/toy/last"?'],
    ['/toy', 'foreign not_found'],
    ['/other/v3/none?x=1', 'foreign not_found'],
  ])('are written by it for every path below its own, with its status: %s', async (path, says) => {
    const server = await start(prefixed);
    const answer = await server.get(path);
    expect(answer.text).toContain(says);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('text/plain');
  });

  it.each(['/toys', '/other', '/other/v30', '/v1/none', '/'])(
    'are Tickwell’s elsewhere: %s',
    async (path) => {
      const server = await start(prefixed);
      const answer = await server.get(path);
      if (answer.status !== 200) expect(answer.json.error.code).toBe('not_found');
    },
  );

  it.each([
    ['GET /toy/%zz HTTP/1.1\r\nhost: a\r\n\r\n', 400, 'foreign bad_request: the path must be'],
    ['GET /toy/none HTTP/1.1\r\nhost: a.b\r\n\r\n', 421, 'foreign bad_host'],
    ['GET http://a.b/toy/none HTTP/1.1\r\nhost: a\r\n\r\n', 421, 'foreign bad_host'],
    ['OPTIONS /toy/none HTTP/1.1\r\nhost: a.b\r\n\r\n', 421, 'foreign bad_host'],
    ['GET /toy/last HTTP/1.1\r\nhost: a\r\nbad header\r\n\r\n', 400, 'foreign bad_request: each'],
    [`GET /toy/last HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'foreign heade'],
    ['GET /toy/last HTTP/3.0\r\nhost: a\r\n\r\n', 505, 'foreign version_not_supported'],
    [
      'POST /toy/x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n',
      400,
      'foreign',
    ],
    ['GET /v1/x HTTP/1.1\r\nbad header\r\n\r\nGET /toy/x HTTP/1.1\r\n', 400, '{"error"'],
    ['CONNECT /toy/last HTTP/1.1\r\nhost: a\r\n\r\n', 400, 'foreign not_found'],
    [
      'GET /toy/ws HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
      400,
      'foreign not_found: no WebSocket at "/toy/ws"',
    ],
  ])('are written by it before a route is found: %j', async (bytes, status, says) => {
    const server = await start(prefixed);
    const answer = await server.raw(bytes.replace('host: a', 'connection: close\r\nhost: a'));
    const [head, body] = answer.split('\r\n\r\n');
    expect(body).toContain(says);
    expect(Number(head?.split(' ')[1])).toBe(status);
  });

  it.each([
    ['is no status', 99, 'given: 99'],
    ['ends nothing', 101, 'given: 101'],
    ['is a text', '400' as unknown as number, 'given: 400'],
    ['takes no body', 204, 'that takes a body; given: 204'],
    ['empties a form', 205, 'that takes a body; given: 205'],
    ['says that nothing is new', 304, 'that takes a body; given: 304'],
  ])('have ours in place of a status that %s', async (_, status, says) => {
    const wrong = foreign(() => {}, {
      prefixes: ['/toy'],
      encodeError: () => ({ contentType: 'text/plain', body: '', status }),
    });
    const server = await start(wrong);
    const answer = await server.get('/toy/none');
    expect(answer).toMatchObject({ status: 404, json: { error: { code: 'not_found' } } });
    expect(server.failures.join()).toContain('encodeError must give a status from 200 to 599');
    expect(server.failures.join()).toContain(says);
  });

  describe.each([
    ['no body', { contentType: 'text/plain' }, 'a text as its body; given: undefined'],
    ['bytes', { contentType: 'text/plain', body: Buffer.from('a') }, 'given: object'],
    ['no type', { body: '' }, 'must give a contentType; given: nothing'],
    ['a type of two lines', { contentType: 'a\r\nb: c', body: '' }, 'content-type'],
    ['a promise', Promise.resolve(), 'given: undefined'],
    ['nothing', undefined, 'undefined'],
  ])('have ours in place of %s', (_, given, says) => {
    it.each([
      ['a request', 'GET /toy/none HTTP/1.1', [], 404],
      ['an upgrade', 'GET /toy/none HTTP/1.1', UPGRADE, 404],
      ['what cannot be read', 'GET /toy/none HTTP/1.1', ['bad header'], 400],
    ])('in the answer to %s', async (_, line, head, status) => {
      const encodeError = () => given as never;
      const server = await start(foreign(() => {}, { prefixes: ['/toy'], encodeError }));
      const fields = ['host: a', ...head, ...(head === UPGRADE ? [] : ['connection: close'])];
      const answer = await server.raw([line, ...fields, '', ''].join('\r\n'));
      expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      expect(answer).toContain('\r\n\r\n{"error":');
      expect(server.failures.join()).toContain(says);
    });
  });

  it.each([299, 599])('may have the status %i, which has no name', async (status) => {
    const encodeError = () => ({ contentType: 'text/plain', body: 'mine', status });
    const server = await start(foreign(() => {}, { prefixes: ['/toy'], encodeError }));
    const answer = await server.raw('GET /toy HTTP/1.1\r\nbad header\r\n\r\n');
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} \r\n[^]*\r\n\r\nmine$`));
  });

  it.each([
    ['toy', 'a prefix of a protocol must be a path such as /api/v3; given: "toy"'],
    ['/toy/', 'given: "/toy/"'],
    ['/', 'given: "/"'],
    ['/mine', 'protocols must have prefixes of their own; given twice: /mine'],
  ])('cannot be those of the prefix %s', async (prefix, says) => {
    const mine = foreign(() => {}, { name: 'mine', prefixes: ['/mine'] });
    const protocols = [...PROTOCOLS, mine, foreign(() => {}, { prefixes: [prefix] })];
    // Without Tickwell's own protocol there are none of its limits.
    await expect(startTestServer({ protocols, limits: {} })).rejects.toThrow(says);
  });
});

function names(name: string) {
  return { type: 'object', properties: { [name]: { type: 'string' } } };
}

const QUANTITY = {
  type: 'object',
  properties: {
    quantity: { type: 'integer', maximum: 9 },
    at: { type: 'object', properties: { price: { type: 'number' } } },
  },
  required: ['quantity'],
};

const UPGRADE = [
  ...['connection: upgrade', 'upgrade: websocket', 'sec-websocket-version: 13'],
  'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
];

/** A body whose length nobody says. */
function chunked(body: string): RequestInit {
  const stream = new Blob([body]).stream();
  const headers = { 'content-type': 'application/json' };
  return { method: 'POST', body: stream, headers, duplex: 'half' } as RequestInit;
}

function packed(body: string): RequestInit {
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
  return { method: 'POST', body, headers };
}
