import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, it } from 'vitest';
import { killAll, marketArgs, ServerProcess } from '../faults/server-process.ts';
import { runCli } from '../helpers/cli.ts';
import { eventually } from '../helpers/eventually.ts';

const SPEC = { seed: 3, count: 3, interval: 20, capacity: 400 };

const folder = mkdtempSync(join(tmpdir(), 'tickwell-grading-'));

afterEach(async () => {
  await killAll();
  rmSync(folder, { recursive: true, force: true });
});

/** By a connection of its own: so it comes to any of the workers. */
const other = { connection: 'close' };

async function newestRows({ url }: ServerProcess, last: number): Promise<string> {
  const answer = await fetch(`${url}/v1/rows?last=${last}&format=csv`, { headers: other });
  return answer.text();
}

async function grade({ url }: ServerProcess, path: string, body: string, isPacked: boolean) {
  const answer = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: {
      ...{ 'content-type': 'text/csv', ...other },
      ...(isPacked ? { 'content-encoding': 'gzip' } : {}),
    },
    body: isPacked ? new Blob([gzipSync(body)]).stream() : body,
    duplex: 'half',
  } as RequestInit);
  return { status: answer.status, json: await answer.json() };
}

it('finds right what any worker has told, by whichever it comes to, with what was done', async () => {
  const log = join(folder, 'market.log');
  const several = ['--workers', '2', '--log-level', 'info', '--log', log];
  const server = await ServerProcess.start({ args: [...several, ...marketArgs(SPEC)] });
  await eventually(() => expect(server.workers).toHaveLength(2));
  // The newest row of one may not be that of another yet.
  for (let n = 0; n < 60; n++) {
    const path = n % 2 === 0 ? '/v1/grade' : '/faulty/drop@50%25,status@50%25,cut@20ms:7/v1/grade';
    const rows = await newestRows(server, 20);
    const { status, json } = await grade(server, path, rows, n % 3 === 0);
    expect([status, json]).toMatchObject([200, { right: true, records: 60 }]);
  }
  // One that was stopped has less than the other when it goes on.
  const [one] = server.workers;
  for (let n = 0; n < 4; n++) {
    process.kill(one!, 'SIGSTOP');
    await sleep(400);
    const rows = await Promise.any(Array.from({ length: 4 }, () => newestRows(server, 20)));
    const graded = Array.from({ length: 6 }, () => grade(server, '/v1/grade', rows, false));
    await sleep(20);
    process.kill(one!, 'SIGCONT');
    for (const { json } of await Promise.all(graded)) expect(json).toMatchObject({ right: true });
  }
  const done = await fetch(`${server.url}/v1/control/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...other },
    body: JSON.stringify({ kind: 'shift', percent: 5 }),
  });
  const { market } = (await done.json()) as { market: string };
  const rows = await eventually(async () => {
    const text = await newestRows(server, 200);
    expect((await grade(server, '/v1/grade', text, false)).json).toMatchObject({ market });
    return text;
  });
  for (let n = 0; n < 6; n++) {
    const { json } = await grade(server, '/v1/grade', rows, false);
    expect(json).toMatchObject({ right: true, market });
  }
  // The log of both is what the command goes by.
  const file = join(folder, 'rows.csv');
  writeFileSync(file, rows);
  const run = await runCli(['grade', ...marketArgs(SPEC), '--log', log, '--json', file]);
  expect([run.code, run.stderr]).toEqual([0, '']);
  expect(JSON.parse(run.stdout)).toMatchObject({ right: true, market });
  const without = await runCli(['grade', ...marketArgs(SPEC), '--json', file]);
  expect(without.code).toBe(1);
}, 60_000);
