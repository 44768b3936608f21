import { timeOf } from '../../core/market/grid.ts';
import type { Service } from '../service.ts';
import type { Encoding } from '../stream/frames.ts';
import type { Hub } from '../stream/hub.ts';
import { BOUNDS_SECONDS, type RequestTime } from './request-times.ts';

/** A value with what it is of. */
export interface Sample {
  readonly value: number;
  readonly labels?: Readonly<Record<string, string | number>>;
  /** In a histogram: the name of the metric with `_bucket`, `_sum` or `_count` behind it. */
  readonly metricName?: string;
}

/** How the values of several workers become one; those with other labels stay apart. */
export type Aggregator = 'sum' | 'max' | 'min' | 'first';

/** The values of a metric at some moment, as prom-client has them. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly aggregator: Aggregator;
  readonly values: readonly Sample[];
}

/** A metric: its samples are asked for when someone looks. */
export interface Reading extends Omit<Metric, 'values' | 'aggregator'> {
  /** `sum`, if it is not given. */
  readonly aggregator?: Aggregator;
  readonly read: () => readonly Sample[] | Promise<readonly Sample[]>;
}

/** What a server tells of itself; docs/operations.md explains the same, held equal by a test. */
export function serverReadings(service: Service, hub: Hub): Reading[] {
  const { feed, clock, limits, answers, metrics, version, isReady, wait, droppedLines } = service;
  const { market } = feed;
  return [
    {
      name: 'tickwell_build_info',
      help: 'Always 1; the version of the server and the id of its market.',
      type: 'gauge',
      aggregator: 'first',
      read: () => [{ value: 1, labels: { version, market: market.id } }],
    },
    gauge('tickwell_workers', 'Processes that serve, of those of --workers.', () => 1),
    counter('tickwell_worker_restarts_total', 'Workers that ended and were replaced.', () => 0),
    {
      ...gauge('tickwell_ready', 'Whether the ring is full and rows flow.', () => {
        return Number(isReady() && !wait.isLong);
      }),
      aggregator: 'min',
    },
    {
      ...gauge('tickwell_head_timestamp_seconds', 'Time of the newest row.', () => {
        return timeOf(market.grid, feed.head - 1) / 1000;
      }),
      aggregator: 'min',
    },
    {
      ...gauge('tickwell_feed_lag_seconds', 'How long the next row has been due.', () => {
        return Math.max(0, clock.nowMs() - feed.nextDueMs()) / 1000;
      }),
      aggregator: 'max',
    },
    {
      ...gauge(
        'tickwell_feed_wait_seconds',
        'By how much the next row is further away than an interval: the clock was set back.',
        () => wait.ms / 1000,
      ),
      aggregator: 'max',
    },
    {
      name: 'tickwell_connections',
      help: 'Connections of the stream, by what they are sent.',
      type: 'gauge',
      read: () => connectionsByKind(hub),
    },
    {
      ...gauge('tickwell_connections_limit', 'As many connections as there may be.', () => {
        return limits.maxConnections;
      }),
      aggregator: 'max',
    },
    counter('tickwell_connections_opened_total', 'Connections that were taken in.', () => {
      return metrics.openedConnections;
    }),
    {
      name: 'tickwell_connections_closed_total',
      help: 'Connections that ended or were turned away, by close code; 0 for unknown ones.',
      type: 'counter',
      read: () => [...metrics.closes].map(([code, value]) => ({ value, labels: { code } })),
    },
    counter(
      'tickwell_sockets_dropped_total',
      'Sockets closed unheard: there were too many.',
      () => {
        return metrics.droppedConnections;
      },
    ),
    gauge('tickwell_subscriptions', 'Subscriptions of all connections.', () => {
      let sum = 0;
      for (const { subscriptions } of hub.connections) sum += subscriptions.size;
      return sum;
    }),
    {
      ...gauge(
        'tickwell_slowest_reader_lag_rows',
        'The most rows a subscription is behind.',
        () => {
          return slowestLagRows(hub);
        },
      ),
      aggregator: 'max',
    },
    counter('tickwell_sent_rows_total', 'Rows sent, times readers.', () => metrics.sentRows),
    counter('tickwell_sent_frames_total', 'Messages sent over the stream.', () => {
      return metrics.sentFrames;
    }),
    counter('tickwell_sent_bytes_total', 'Bytes of those messages.', () => metrics.sentBytes),
    counter('tickwell_skipped_rows_total', 'Rows left out for readers of the latest.', () => {
      return metrics.skippedRows;
    }),
    counter('tickwell_regenerated_rows_total', 'Rows made again, times instruments.', () => {
      return feed.history.regeneratedRows;
    }),
    counter(
      'tickwell_answers_reused_total',
      'Answers that were at hand, or were being made for somebody else.',
      () => answers.reused,
    ),
    gauge('tickwell_answers_kept_bytes', 'What answers take that are kept.', () => {
      return answers.keptBytes;
    }),
    refusalsReading(() => metrics.refusals),
    droppedLinesReading(droppedLines),
    {
      ...counter(
        'tickwell_clock_steps_total',
        'Times the clock was set or the machine slept.',
        () => {
          return metrics.clockSteps;
        },
      ),
      aggregator: 'max',
    },
    {
      name: REQUESTS,
      help: 'HTTP requests by route and status, and how long they took.',
      type: 'histogram',
      read: () => [...metrics.requests.kinds].flatMap(histogramOf),
    },
  ];
}

/** By code; our own faults among them, which a primary has too. */
export function refusalsReading(refusals: () => Iterable<readonly [string, number]>): Reading {
  return {
    name: 'tickwell_refusals_total',
    help: 'Requests and messages answered by an error, by its code; internal: all faults of ours.',
    type: 'counter',
    read: () => [...refusals()].map(([code, value]) => ({ value, labels: { code } })),
  };
}

/** Of the log of a process, which a primary has too. */
export function droppedLinesReading(droppedLines: () => number): Reading {
  const name = 'tickwell_log_lines_dropped_total';
  return counter(name, 'Lines of the log that could not be written.', droppedLines);
}

/** One value without labels that may go up and down. */
export function gauge(name: string, help: string, value: () => number): Reading {
  return { name, help, type: 'gauge', read: () => [{ value: value() }] };
}

/** One value without labels that only goes up. */
export function counter(name: string, help: string, value: () => number): Reading {
  return { name, help, type: 'counter', read: () => [{ value: value() }] };
}

const REQUESTS = 'tickwell_http_request_duration_seconds';

function connectionsByKind(hub: Hub): Sample[] {
  const kinds: Record<Encoding, number> = { json: 0, binary: 0, events: 0 };
  for (const { encoding } of hub.connections) kinds[encoding] += 1;
  return Object.entries(kinds).map(([kind, value]) => ({ value, labels: { kind } }));
}

function slowestLagRows(hub: Hub): number {
  let most = 0;
  for (const { subscriptions } of hub.connections) {
    for (const { cursor } of subscriptions.values()) {
      most = Math.max(most, hub.history.head - cursor);
    }
  }
  return most;
}

/** Buckets hold all that is below their bound, as Prometheus has them. */
function histogramOf({ route, status, counts, sumSeconds }: RequestTime): Sample[] {
  const labels = { route, status };
  let sum = 0;
  const buckets = counts.map((count, n) => {
    sum += count;
    const le = BOUNDS_SECONDS[n] ?? '+Inf';
    return { value: sum, labels: { ...labels, le }, metricName: `${REQUESTS}_bucket` };
  });
  return [
    ...buckets,
    { value: sumSeconds, labels, metricName: `${REQUESTS}_sum` },
    { value: sum, labels, metricName: `${REQUESTS}_count` },
  ];
}
