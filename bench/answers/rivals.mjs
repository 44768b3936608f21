/**
 * The yardsticks of small answers, in a process of their own: bare node:http, and a bare route of
 * Fastify. Both answer everything as their parent said last: status, body, and Fastify the headers.
 */
import { createServer } from 'node:http';
import Fastify from 'fastify';

let said = { status: 200, headers: {}, body: Buffer.alloc(0) };
const started = {
  bare: () => {
    const server = createServer((_, answer) => {
      const { status, body } = said;
      if (status === 304) answer.writeHead(304).end();
      else answer.writeHead(status, { 'content-length': body.length }).end(body);
    });
    server.listen(0, '127.0.0.1', () => process.send(server.address().port));
  },
  fastify: async () => {
    const app = Fastify();
    app.get('/*', (_, reply) => {
      const { status, headers, body } = said;
      reply.code(status).headers(headers);
      if (status === 304) reply.send();
      else reply.send(body);
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    process.send(app.server.address().port);
  },
};
process.on('message', ({ status, headers, base64 }) => {
  said = { status, headers, body: Buffer.from(base64, 'base64') };
  process.send('heard');
});
process.on('disconnect', () => process.exit(0));
await started[process.argv[2]]();
