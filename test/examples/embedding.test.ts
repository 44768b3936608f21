import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fragmentsOf, newConsumer } from '../helpers/consumer.ts';

/** A program on a busy machine. */
const RUN_MS = 60_000;

let folder: string;

beforeAll(() => {
  folder = newConsumer();
});

afterAll(() => rmSync(folder, { recursive: true }));

/** What a program prints, which has to end by itself. */
async function run(name: string, text: string): Promise<string> {
  const file = join(folder, `${name}.mjs`);
  writeFileSync(file, text);
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (more) => {
    said += more;
  });
  expect(await once(child, 'close')).toEqual([0, null]);
  return said;
}

describe('a program that embeds it', { timeout: RUN_MS }, () => {
  const [serving, moved, alone, fed, doneTo, trading] = fragmentsOf('docs/embedding.md');

  it.each([
    ['a server', serving!],
    ['a clock', moved!],
    ['prices alone', alone!],
    ['a feed', fed!],
    ['a timeline', doneTo!],
  ])('has %s in ten lines behind its imports', (_, text) => {
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('import '));
    expect(lines.length).toBeLessThanOrEqual(10);
  });

  it('serves a market, reads it and ends, as docs/embedding.md says', async () => {
    expect(await run('serving', serving!)).toMatch(/^AUR\/VEL \[ \d+, \d+, \d+ \]\n$/);
  });

  it.each([
    ['prices', alone!, /^\d+ ticks of 0\.01\n$/],
    ['candles', fed!, /^24 \d+\n$/],
    ['what is done to a market', doneTo!, /^60 true\n$/],
  ])('has %s without a server, the same on every run', async (name, text, said) => {
    const first = await run('alone', text);
    expect(first, name).toMatch(said);
    expect(await run('again', text)).toBe(first);
  });

  it('has single trades and a book without a server', async () => {
    const said = await run('trading', trading!);
    expect(said).toMatch(/^10000\d\d \d+ \d+ 10000\d\d\nFloat64Array\(5\) \[/);
    expect(await run('trading-again', trading!)).toBe(said);
  });

  it('has a clock that it moves', async () => {
    expect(await run('moved', moved!)).toBe('2026-03-02T14:30:10.000Z\n');
  });

  it('serves with no option but a market and a port, in silence', async () => {
    const said = await run(
      'least',
      `import { checkSpec, Market, startServer } from 'tickwell';
      const server = await startServer({ market: new Market(checkSpec({}).spec), port: 0 });
      await server.ready;
      const { instruments } = await (await fetch(server.url + '/v1/market')).json();
      await fetch(server.url + '/v1/rows?symbols=nobody');
      console.log(instruments.length, new URL(server.url).hostname);
      await server.stop();`,
    );
    expect(said).toBe('100 localhost\n');
  });

  it.each([false, true])('ends by itself after a start that failed (late: %s)', async (isLate) => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const options = { port, host: '127.0.0.1', listensWhenReady: isLate };
    const said = await run(
      'failing',
      `import { checkSpec, Market, startServer } from 'tickwell';
      const market = new Market(checkSpec({}).spec);
      await startServer({ market, ...${JSON.stringify(options)} }).catch((error) => console.log(error.code));`,
    );
    taken.close();
    expect(said).toBe('EADDRINUSE\n');
  });
});
