import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { parseDuration } from '../../src/core/market/resolution.ts';
import { CliThread } from '../helpers/cli.ts';
import { startTestServer, type TestServer } from '../helpers/server.ts';

/** What a stop takes behind the drain, as docs/operations.md says. */
const STOP_MS = 2000;
const PORT = 8080;

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const compose = parse(read('deploy/compose.yaml'), { merge: true });
const [deployment, service, budget] = parseAllDocuments(read('deploy/kubernetes.yaml')).map(
  (document) => document.toJS(),
);
const pod = deployment.spec.template.spec;
const [container] = pod.containers;
const unit = read('deploy/tickwell.service');
const proxy = read('deploy/haproxy.cfg');

const replicas: readonly string[] = Object.keys(compose.services).filter((name) =>
  name.startsWith('replica-'),
);
const unitArgs = /\/tickwell\.js (.*)$/m.exec(unit)![1]!.split(' ');

/** Arguments of the program in each, as it is given them. */
const ARGS: readonly (readonly [string, readonly string[]])[] = [
  ...replicas.map((name) => {
    const command = compose.services[name].command as string[];
    const args = command.map((each) => each.replace(/\$\{\w+:-(\w+)\}/g, '$1'));
    return [`compose.yaml, ${name}`, args] as const;
  }),
  ['kubernetes.yaml', container.args],
  ['tickwell.service', unitArgs.map((each) => each.replace('%S', '/tmp'))],
];

const drainMs = (args: readonly string[]) => parseDuration(args[args.indexOf('--drain') + 1]!)!;

describe('what a deployment gives the program', () => {
  const cli = new CliThread();
  afterAll(() => cli.end());

  /** What is wrong with options, but for one that is looked at behind all others. */
  async function problemOf(args: readonly string[]): Promise<string> {
    const { code, stderr } = await cli.run([...args, '--at', 'never']);
    expect(code).toBe(2);
    return stderr.startsWith('tickwell: at must be ') ? '' : stderr;
  }

  it.each(ARGS)('is what it takes: %s', async (_, args) => {
    expect(await problemOf(args)).toBe('');
  });

  it('would be refused if it took it otherwise', async () => {
    const [, args] = ARGS[0]!;
    expect(await problemOf([...args, '--drian', '5s'])).toContain("unknown option '--drian'");
    expect(await problemOf([...args, '--drain', '5 s'])).toContain('drain must be a time');
    expect(await problemOf([...args, '--lead', '1s'])).toContain('lead must be a time');
  });

  it('is the same for all replicas', () => {
    expect(replicas).toHaveLength(3);
    expect(new Set(replicas.map((name) => String(compose.services[name].command))).size).toBe(1);
  });
});

describe('who waits for a stop', () => {
  it('waits for longer than the drain and the stop', () => {
    for (const name of replicas) {
      const { command, stop_grace_period } = compose.services[name];
      expect(parseDuration(stop_grace_period)).toBeGreaterThan(drainMs(command) + STOP_MS);
    }
    const podMs = 1000 * pod.terminationGracePeriodSeconds;
    expect(podMs).toBeGreaterThan(drainMs(container.args) + STOP_MS);
    const unitMs = 1000 * Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)![1]);
    expect(unitMs).toBeGreaterThan(drainMs(unitArgs) + STOP_MS);
    // The workers would else be told before the first process says so.
    expect(unit).toMatch(/^KillMode=mixed$/m);
  });

  it('drains for twice as long as whoever asks takes to see it', () => {
    const [, inter, fall] = /check inter (\w+) fall (\d+)/.exec(proxy)!;
    const seenMs = parseDuration(inter!)! * Number(fall);
    expect(drainMs(compose.services['replica-1'].command)).toBeGreaterThanOrEqual(2 * seenMs);
    const { periodSeconds, failureThreshold } = container.readinessProbe;
    const podSeenMs = 1000 * periodSeconds * failureThreshold;
    expect(drainMs(container.args)).toBeGreaterThanOrEqual(2 * podSeenMs);
  });
});

describe('where the program is asked', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.stop());

  it('answers at the paths of probes', async () => {
    const { startupProbe, readinessProbe, livenessProbe } = container;
    const paths = [startupProbe, readinessProbe, livenessProbe].map(({ httpGet }) => httpGet.path);
    expect(paths).toEqual(['/readyz', '/readyz', '/healthz']);
    expect(/http-check send meth GET uri (\S+)/.exec(proxy)![1]).toBe('/readyz');
    for (const path of paths) expect((await server.get(path)).status).toBe(200);
  });

  it('is the port that the image listens on', () => {
    expect(read('Dockerfile')).toContain(`EXPOSE ${PORT}\n`);
    expect(container.ports).toEqual([{ name: 'http', containerPort: PORT }]);
    expect(service.spec.ports[0].targetPort).toBe('http');
    const environment = compose.services.haproxy.environment as Record<string, string>;
    const named = replicas.map((name) => `${name}:${PORT}`);
    expect(Object.values(environment)).toEqual(named);
    for (const name of Object.keys(environment)) expect(proxy).toContain(`"\${${name}}"`);
    const [job] = parse(read('deploy/prometheus.yaml')).scrape_configs;
    expect(job.static_configs[0].targets).toEqual(named);
  });

  it('finds its pods by one label, and keeps two of three', () => {
    const { labels } = deployment.spec.template.metadata;
    const selectors = [deployment, budget].map(({ spec }) => spec.selector.matchLabels);
    expect([...selectors, service.spec.selector]).toEqual([labels, labels, labels]);
    expect(deployment.spec.replicas - budget.spec.minAvailable).toBe(1);
  });

  it('takes a nats-server that keeps what it acknowledges', () => {
    const [, minor, patch] = /^nats:2\.(\d+)\.(\d+)$/.exec(compose.services['nats-1'].image)!;
    expect(Number(minor) * 1000 + Number(patch)).toBeGreaterThanOrEqual(10_023);
  });
});

describe('what is watched', () => {
  const operations = read('docs/operations.md');
  const known = new Set([...operations.matchAll(/^\| `([a-z0-9_]+)/gm)].map(([, name]) => name));
  const dashboard = JSON.parse(read('deploy/grafana/tickwell.json'));

  it('are the alerts that docs/operations.md tells', () => {
    expect(operations).toContain(`\`\`\`yaml\n${read('deploy/alerts.yaml')}\`\`\``);
  });

  it('are metrics that there are', () => {
    const queries = [
      read('deploy/alerts.yaml'),
      ...dashboard.panels.flatMap(({ targets }: { targets: { expr: string }[] }) =>
        targets.map(({ expr }) => expr),
      ),
    ].join('\n');
    const named = queries.match(/\b(?:tickwell|nodejs|process)_\w+/g)!;
    expect(named.length).toBeGreaterThan(15);
    for (const name of named) expect(known).toContain(name.replace(/_(bucket|count|sum)$/, ''));
  });

  it('has a source that the dashboard asks', () => {
    const [source] = parse(read('deploy/grafana/sources.yaml')).datasources;
    for (const { datasource } of dashboard.panels) expect(datasource.uid).toBe(source.uid);
  });
});
