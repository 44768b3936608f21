import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Sink } from '../cluster/sinks/sink.ts';
import { listenProblem } from '../host/listen.ts';
import { CONTENT_TYPE, type Readings, readAll, textOf } from '../host/metrics/exposition.ts';
import { UsageError } from './usage-error.ts';

const MOST_PORT = 65535;

/** Where metrics are told. */
export interface MetricsPlace {
  readonly host: string;
  readonly port: number;
}

/** Where options say that they are, if they do. Throws a `UsageError`. */
export function metricsPlace(host: string, text: string | undefined): MetricsPlace | undefined {
  // Without a name Node listens on every network.
  if (host === '') throw new UsageError(['metrics-host must be a name or an address; given: ""']);
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= MOST_PORT) return { host, port };
  const rule = `metrics-port must be a whole number from 0 to ${MOST_PORT}`;
  throw new UsageError([`${rule}; given: ${text === '' ? '""' : text}`]);
}

/** What Prometheus is told of a sink. */
function readingsOf(sink: Pick<Sink<never>, 'figures' | 'lagRows'>): Readings {
  const { figures } = sink;
  return {
    tickwell_sink_published_messages_total: [
      'Messages that are in the stream, published by this process or by another at the same time',
      () => figures.published,
    ],
    tickwell_sink_refused_total: [
      'Appends that were not taken, because another process was first',
      () => figures.refused,
    ],
    tickwell_sink_unknown_total: [
      'Appends that were not answered, or not taken for want of room: the stream was read instead',
      () => figures.unknown,
    ],
    tickwell_sink_newest_row_timestamp_seconds: [
      'Time of the newest row that is known to be in the stream; 0 before the first',
      () => figures.newestMs / 1000,
    ],
    tickwell_sink_lag_rows: [
      'Rows that the server has and the stream has not, as far as is known',
      () => sink.lagRows,
    ],
  };
}

/** Answers `/metrics` until the function that is given back is called. */
export async function serveMetrics(
  { host, port }: MetricsPlace,
  sink: Pick<Sink<never>, 'figures' | 'lagRows'>,
  tell: (sentence: string) => void,
): Promise<() => void> {
  const readings = readingsOf(sink);
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    readAll(readings).then(
      (metrics) => response.writeHead(200, { 'content-type': CONTENT_TYPE }).end(textOf(metrics)),
      () => response.writeHead(500).end(),
    );
  });
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const problem = listenProblem(code, host, port);
    if (problem === undefined) throw error;
    throw new UsageError([`metrics-${problem}`]);
  }
  if (port === 0)
    tell(`metrics at http://${host}:${(server.address() as AddressInfo).port}/metrics`);
  return () => {
    server.closeAllConnections();
    server.close();
  };
}
