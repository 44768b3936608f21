import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePortAt } from '../../src/workers/free-port.ts';
import { eventually } from '../helpers/eventually.ts';
import type { Front } from './rolling.ts';

const HOST = '127.0.0.1';
const CONFIG = new URL('../../deploy/haproxy.cfg', import.meta.url);

/** Where Debian puts it is not on every path. */
const PATH = `${process.env.PATH}:/usr/sbin`;

export function hasHaproxy(): boolean {
  return spawnSync('haproxy', ['-v'], { env: { PATH } }).status === 0;
}

/** The haproxy of this machine with the configuration of deploy/, but for its certificate. */
export async function startHaproxy(ports: readonly number[]): Promise<Front> {
  const folder = mkdtempSync(join(tmpdir(), 'tickwell-haproxy-'));
  const port = await freePortAt(HOST);
  const plain = await freePortAt(HOST);
  const shipped = readFileSync(CONFIG, 'utf8');
  // TLS would have each of the readers trust a certificate that was made for this run.
  const config = shipped
    // Each takes two files, of which this machine may let a process have fewer.
    .replace('maxconn 40000', 'maxconn 4000')
    .replace('bind :80', `bind ${HOST}:${plain}`)
    .replace(/bind :443 ssl .*/, `bind ${HOST}:${port}`);
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(file, config);
  const replicas = Object.fromEntries(ports.map((of, n) => [`REPLICA_${n + 1}`, `${HOST}:${of}`]));
  const child = spawn('haproxy', ['-db', '-f', file], { env: { PATH, ...replicas } });
  const ended = once(child, 'exit');
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
  }
  const url = `http://${HOST}:${port}`;
  const close = async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true });
  };
  await eventually(async () => {
    const isUp = await fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (!isUp) throw new Error(`haproxy must find a server that is ready; given: ${said}`);
  });
  return { url, close };
}
