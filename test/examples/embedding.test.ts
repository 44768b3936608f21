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
  const [serving, alone, trading, moved] = fragmentsOf('docs/embedding.md');

  it('serves a market, reads it and ends, as docs/embedding.md says', async () => {
    expect(serving!.trim().split('\n').length).toBeLessThanOrEqual(12);
    expect(await run('serving', serving!)).toMatch(/^AUR\/VEL \[ \d+, \d+, \d+ \]\n$/);
  });

  it('has candles without a server, the same on every run', async () => {
    const first = await run('alone', alone!);
    expect(first).toMatch(/^24 \d+\n$/);
    expect(await run('again', alone!)).toBe(first);
  });

  it('has single trades and a book without a server', async () => {
    const said = await run('trading', trading!);
    expect(said).toMatch(/^10000\d\d \d+ \d+ 10000\d\d\nFloat64Array\(5\) \[/);
    expect(await run('trading-again', trading!)).toBe(said);
  });

  it('has a clock that it moves', async () => {
    expect(moved!.trim().split('\n').length).toBeLessThanOrEqual(12);
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
