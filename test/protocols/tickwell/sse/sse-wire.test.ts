import { once } from 'node:events';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, connect, Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../../../../src/delivery/encoder.ts';
import { Chunks, SseTransport } from '../../../../src/protocols/tickwell/sse/sse-wire.ts';

/** What a client hears that sends `requests`; each answer is written by `answer`. */
async function heard(requests: string, answer: (response: ServerResponse, n: number) => void) {
  let count = 0;
  const server = createServer((_request, response) => {
    response.sendDate = false;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    answer(response, count++);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(requests);
  let text = '';
  for await (const bytes of socket) text += bytes.toString('latin1');
  server.close();
  await once(server, 'close');
  return text;
}

const FRAMES: readonly Frame[] = [
  'data: 1\n\n',
  Buffer.from(`data: ${'2'.repeat(20_000)}\n\n`),
  'data: 3\n\n',
  'data: 3\n\n',
];

/** Words, rows and words again, with turns of the event loop in between. */
async function begin(response: ServerResponse, write: (frame: Frame) => void): Promise<void> {
  write('event: subscribed\n\n');
  for (const frame of FRAMES) {
    write(frame);
    write('event: heartbeat\n\n');
    write(frame);
    await new Promise(setImmediate);
    write(frame);
  }
  write('event: bye\n\n');
  response.end();
}

const requestOf = (version: string, connection: string) =>
  `GET / HTTP/${version}\r\nHost: a\r\nConnection: ${connection}\r\n\r\n`;

/** Both ways to answer, of which one is the truth. */
async function both(requests: string) {
  const chunks = new Chunks();
  const past = await heard(requests, (response) => {
    const transport = new SseTransport(response, chunks);
    void begin(response, (frame) => transport.write(frame));
  });
  const through = await heard(requests, (response) => {
    void begin(response, (frame) => response.write(frame, 'latin1'));
  });
  return { past, through };
}

describe('frames that go past HTTP to the socket of an answer', () => {
  it('are what the answer would have sent, in order', async () => {
    const { past, through } = await both(requestOf('1.1', 'close'));
    expect(through).toContain('Transfer-Encoding: chunked');
    expect(past).toBe(through);
  });

  it('are no chunks for HTTP/1.0', async () => {
    const { past, through } = await both(requestOf('1.0', 'close'));
    expect(past).toContain('event: subscribed\n\ndata: 1\n\nevent: heartbeat');
    expect(past).toBe(through);
  });

  it('wait for the answer before theirs, on one connection', async () => {
    const { past, through } = await both(
      requestOf('1.1', 'keep-alive') + requestOf('1.1', 'close'),
    );
    expect(past.match(/HTTP\/1\.1 200/g)).toHaveLength(2);
    expect(past).toBe(through);
  });

  it('leave no socket corked behind an answer that lost it meanwhile', () => {
    const socket = new Socket();
    const response = new ServerResponse(new IncomingMessage(socket));
    response.assignSocket(socket);
    const transport = new SseTransport(response, new Chunks());
    transport.cork();
    expect(socket.writableCorked).toBe(1);
    response.detachSocket(socket);
    transport.uncork();
    expect(socket.writableCorked).toBe(0);
  });

  it('are made into a chunk once for all who are sent the same', () => {
    const chunks = new Chunks();
    const frame = Buffer.from('data: 1\n\n');
    expect(chunks.of(frame)).toEqual(Buffer.from('9\r\ndata: 1\n\n\r\n'));
    expect(chunks.of(frame)).toBe(chunks.of(frame));
    expect(chunks.of('data: 22\n\n')).toBe('a\r\ndata: 22\n\n\r\n');
  });
});
