import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { nkeys } from '@nats-io/transport-node';
import { afterAll, describe, expect, it } from 'vitest';
import { connectNats } from '../../../src/cluster/nats-connection.ts';
import { RefusedByNats } from '../../../src/cluster/nats-errors.ts';
import type { NatsOptions } from '../../../src/cluster/nats-options.ts';
import { versionProblem } from '../../../src/cluster/nats-version.ts';
import { type Brokers, startBrokers } from '../../helpers/nats.ts';

const PEM = fileURLToPath(new URL('../../clients/localhost.pem', import.meta.url));
const ca = readFileSync(PEM, 'utf8');

const started: Brokers[] = [];
afterAll(() => Promise.all(started.map((brokers) => brokers.stop())));

async function portOf(config: string): Promise<number> {
  const brokers = await startBrokers({ config });
  started.push(brokers);
  return brokers.each[0]!.port;
}

type KeyPair = ReturnType<typeof nkeys.createUser>;

/** What `issuer` says of `subject`, as NATS reads it. */
function jwt(issuer: KeyPair, subject: KeyPair, nats: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    ...{ jti: 'test', iat: 1_767_225_600, iss: issuer.getPublicKey(), name: 'test' },
    ...{ sub: subject.getPublicKey(), nats: { ...nats, version: 2 } },
  };
  const said = `${part({ typ: 'JWT', alg: 'ed25519-nkey' })}.${part(claims)}`;
  return `${said}.${Buffer.from(issuer.sign(Buffer.from(said))).toString('base64url')}`;
}

/** The version of the server that these options lead to. */
async function greet(options: NatsOptions): Promise<string> {
  const connection = await connectNats(options, { name: 'test' });
  const { version } = connection.info!;
  await connection.close();
  return version;
}

describe('a connection to NATS', () => {
  it('is to a server that keeps what it acknowledges', async () => {
    const port = await portOf('');
    expect(versionProblem(await greet({ servers: [`nats://127.0.0.1:${port}`] }))).toBeUndefined();
  });

  it('takes a name and a password, and no wrong ones', async () => {
    const port = await portOf('authorization { user: tick, password: "p@ss" }');
    await greet({ servers: [`nats://tick:p%40ss@127.0.0.1:${port}`] });
    for (const user of ['tick:other@', 'other:p%40ss@', '']) {
      const refused = greet({ servers: [`nats://${user}127.0.0.1:${port}`] });
      await expect(refused).rejects.toThrow(RefusedByNats);
      await expect(refused).rejects.toThrow(
        `NATS at 127.0.0.1:${port} cannot be used: authorization violation`,
      );
    }
  });

  it('takes a token', async () => {
    const port = await portOf('authorization { token: s3cret }');
    await greet({ servers: [`nats://s3cret@127.0.0.1:${port}`] });
  });

  it('takes a creds file, and none of another account', async () => {
    const operator = nkeys.createOperator();
    const [account, system, other] = [1, 2, 3].map(() => nkeys.createAccount());
    const user = nkeys.createUser();
    const limits = {
      subs: -1,
      data: -1,
      payload: -1,
      imports: -1,
      exports: -1,
      conn: -1,
      leaf: -1,
    };
    const kept = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
    const preloaded = [
      [account, { ...limits, ...kept }] as const,
      // Servers talk through this one, and keep nothing in it.
      [system, limits] as const,
    ].map(([each, limits]) => {
      return `${each.getPublicKey()}: ${jwt(operator, each, { type: 'account', limits })}`;
    });
    const port = await portOf(
      [
        `operator: ${jwt(operator, operator, { type: 'operator' })}`,
        `system_account: ${system.getPublicKey()}`,
        'resolver: MEMORY',
        `resolver_preload { ${preloaded.join(', ')} }`,
      ].join('\n'),
    );
    const servers = [`nats://127.0.0.1:${port}`];
    const credentialsBy = (issuer: KeyPair) =>
      [
        '-----BEGIN NATS USER JWT-----',
        jwt(issuer, user, { type: 'user', subs: -1, data: -1, payload: -1 }),
        '------END NATS USER JWT------',
        '-----BEGIN USER NKEY SEED-----',
        Buffer.from(user.getSeed()).toString(),
        '------END USER NKEY SEED------',
      ].join('\n');
    await greet({ servers, credentials: credentialsBy(account) });
    await expect(greet({ servers, credentials: credentialsBy(other) })).rejects.toThrow(
      RefusedByNats,
    );
    await expect(greet({ servers })).rejects.toThrow(RefusedByNats);
  });

  it('is encrypted where that is asked for, by certificates that are looked at', async () => {
    const tls = `cert_file: ${JSON.stringify(PEM)}, key_file: ${JSON.stringify(PEM)}`;
    const port = await portOf(`tls { ${tls} }`);
    await greet({ servers: [`nats://localhost:${port}`], ca });
    await greet({ servers: [`tls://localhost:${port}`], ca });
    const unknown = greet({ servers: [`tls://localhost:${port}`] });
    await expect(unknown).rejects.toThrow(RefusedByNats);
    await expect(unknown).rejects.toThrow('self-signed certificate');
  });

  it('shows its own certificate where servers ask for one', async () => {
    const tls = ['cert_file', 'key_file', 'ca_file'].map((key) => `${key}: ${JSON.stringify(PEM)}`);
    const port = await portOf(`tls { ${tls.join(', ')}, verify: true }`);
    const servers = [`tls://localhost:${port}`];
    await greet({ servers, ca, certificate: ca, key: ca });
    await expect(greet({ servers, ca })).rejects.toThrow(`NATS at localhost:${port} cannot be`);
  });

  it('is not without encryption where that is asked for', async () => {
    const port = await portOf('');
    await expect(greet({ servers: [`tls://127.0.0.1:${port}`] })).rejects.toThrow(RefusedByNats);
  });

  it('is tried elsewhere, where nobody answers', async () => {
    const refused = greet({ servers: ['nats://127.0.0.1:1'] });
    await expect(refused).rejects.not.toThrow(RefusedByNats);
    await expect(refused).rejects.toThrow(/^NATS at 127\.0\.0\.1:1 cannot be used: /);
    const port = await portOf('');
    await greet({ servers: ['nats://127.0.0.1:1', `nats://127.0.0.1:${port}`] });
  });

  it('is to the server that it was asked for', async () => {
    const [one, two] = await Promise.all([portOf(''), portOf('')]);
    const servers = [one, two].map((port) => `nats://127.0.0.1:${port}`);
    for (const [server, port] of [one, two, one].entries()) {
      const connection = await connectNats({ servers }, { name: 'test', server });
      expect(connection.getServer()).toBe(`127.0.0.1:${port}`);
      await connection.close();
    }
  });
});
