import { describe, expect, it } from 'vitest';
import { natsProblems, serverAddresses, withoutPassword } from '../../src/cluster/nats-options.ts';
import { versionProblem } from '../../src/cluster/nats-version.ts';

const servers = ['nats://localhost:4222'];

describe('where NATS is', () => {
  it.each([
    [['nats://localhost']],
    [['nats://localhost:4222', 'nats://10.0.0.1:4223']],
    [['tls://nats.example.com/']],
    [['nats://[::1]:4222']],
    [['nats://user:p%40ss@a', 'nats://user:p%40ss@b']],
    [['nats://token@a']],
  ])('may be %j', (servers) => {
    expect(natsProblems({ servers })).toEqual([]);
  });

  it.each([
    [[], []],
    [['localhost:4222'], 'localhost:4222'],
    [['http://localhost'], 'http://localhost'],
    [['nats://'], 'nats://'],
    [['nats://a/path'], 'nats://a/path'],
    [['nats://a:70000'], 'nats://a:70000'],
    [['nats://a?tls=1'], 'nats://a?tls=1'],
    [['nats://a', 7], '7'],
    ['nats://a', 'nats://a'],
  ])('cannot be %j', (servers, value) => {
    const [problem] = natsProblems({ servers: servers as string[] });
    const rule = 'must be addresses such as nats://localhost:4222 or tls://nats.example.com';
    expect(problem).toEqual({ field: 'servers', rule, value });
  });

  it.each([
    [['nats://a', 'tls://b']],
    [['nats://user:one@a', 'nats://user:two@b']],
    [['nats://a', 'nats://user@b']],
  ])('is one cluster, which one client comes into: %j', (servers) => {
    expect(natsProblems({ servers })[0]?.rule).toBe(
      'must be all nats: or all tls:, with the same name and password',
    );
  });

  it('is never shown with its password', () => {
    expect(withoutPassword('nats://user:secret@host')).toBe('nats://***@host');
    expect(withoutPassword('user:se@cret@host')).toBe('***@host');
    for (const servers of [['nats://user:secret@host/x'], ['nats://u:secret@a', 'nats://a']]) {
      expect(JSON.stringify(natsProblems({ servers }))).not.toContain('secret');
    }
  });

  it('has a port, a name and a password', () => {
    expect(serverAddresses({ servers: ['nats://us%20er:p%40ss@a'] })).toEqual([
      { server: 'a:4222', user: 'us er', password: 'p@ss', isEncrypted: false },
    ]);
    expect(serverAddresses({ servers: ['tls://[::1]:4443'] })).toEqual([
      { server: '[::1]:4443', user: undefined, password: undefined, isEncrypted: true },
    ]);
  });
});

describe('how to come in', () => {
  const file = '-----BEGIN NATS USER JWT-----\n-----BEGIN USER NKEY SEED-----';

  it.each([
    [
      { credentials: 'secret' },
      'credentials',
      'must be a creds file, with a JWT and a seed of NATS',
    ],
    [{ ca: 'secret' }, 'ca', 'must be a certificate as PEM'],
    [{ certificate: 'secret', key: 'secret' }, 'certificate', 'must be a certificate as PEM'],
    [{ key: '-----BEGIN PRIVATE KEY-----' }, 'certificate', 'must be there where key is'],
  ])('cannot be %j', (options, field, rule) => {
    const [problem] = natsProblems({ servers, ...options });
    expect(problem).toMatchObject({ field, rule });
    expect(JSON.stringify(problem)).not.toContain('secret');
  });

  it('is one way alone', () => {
    expect(natsProblems({ servers, credentials: file })).toEqual([]);
    const [problem] = natsProblems({ servers: ['nats://user@a'], credentials: file });
    expect(problem?.rule).toBe('must be left out where servers have a name and password');
  });
});

describe('the version of a nats-server', () => {
  it.each(['2.10.23', '2.10.27', '2.11.0-RC.1', '2.15.1', '3.0.0', '2.10.100'])(
    'may be %s',
    (version) => {
      expect(versionProblem(version)).toBeUndefined();
    },
  );

  it.each(['2.9.10', '2.10.22', '2.10', '1.99.99', '', 'dev'])('cannot be %j', (version) => {
    expect(versionProblem(version)).toBe(
      'must be 2.10.23 or newer: older ones lose what they acknowledged',
    );
  });
});
