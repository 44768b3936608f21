import type { FastifyInstance } from 'fastify';
import { sinceOf } from '../core/market/grid.ts';
import type { Hub } from '../delivery/hub.ts';
import type { Protocol, ServerParts } from '../delivery/protocol.ts';
import type { ClusterFigures, Director } from '../host/control/director.ts';
import { type Metric, type Readings, readAll, type Sample } from '../host/metrics/exposition.ts';
import { EventLoop, PROCESS_READINGS } from '../host/metrics/process.ts';
import { NOT_READY_REASONS, notReadyReason } from '../host/readiness.ts';
import type { Service } from '../host/service.ts';
import { kindsOf } from './protocols.ts';

/** What reads the metrics of this process: each server of a process tells of itself. */
export function metricsReader(
  { service, hub }: ServerParts,
  app: FastifyInstance,
  protocols: readonly Protocol[],
): () => Promise<Metric[]> {
  const kinds = protocols.flatMap(kindsOf);
  // With the first scrape: a server that nobody watches does less.
  let eventLoop: EventLoop | undefined;
  const readings = {
    ...feedReadings(service),
    ...streamReadings(service, hub, kinds),
    ...answerReadings(service),
    ...controlReadings(service.director),
    ...PROCESS_READINGS,
  };
  app.addHook('onClose', async () => eventLoop?.stop());
  return () => {
    eventLoop ??= new EventLoop();
    return readAll({ ...readings, ...eventLoop.readings });
  };
}

// What a server tells of itself; docs/operations.md explains the same, held equal by a test.

function feedReadings(service: Service): Readings {
  const { feed, clock, metrics, version, wait } = service;
  const { market, timeline } = feed;
  return {
    tickwell_build_info: [
      'Always 1; the version of the server and the market id in force.',
      () => [[{ version, market: timeline.idAt(feed.head - 1) }, 1]],
      'first',
    ],
    tickwell_workers: ['Processes that serve, of those of --workers.', () => 1],
    tickwell_worker_restarts_total: ['Workers that ended and were replaced.', () => 0],
    tickwell_worker_hangs_total: ['Workers that hung and were killed.', () => 0],
    tickwell_ready: [
      'Whether it should be given readers: 1 where /readyz says so.',
      () => Number(notReadyReason(service) === undefined),
      'min',
    ],
    tickwell_not_ready: [
      'Why it should not be: 1 at the reason that /readyz gives.',
      () => reasons(notReadyReason(service)),
      'max',
    ],
    tickwell_head_timestamp_seconds: [
      'Time of the newest row.',
      () => sinceOf(market.grid, feed.head) / 1000,
      'min',
    ],
    tickwell_feed_lag_seconds: [
      'How long the next row has been due.',
      () => wait.lateMs / 1000,
      'max',
    ],
    tickwell_feed_wait_seconds: [
      'By how much the next row is further away than an interval: the clock was set back.',
      () => wait.ms / 1000,
      'max',
    ],
    tickwell_market_speed: [
      'How fast the time of the market goes: 1 as a rule, 0 while it stands still.',
      () => clock.speed,
      'max',
    ],
    tickwell_clock_steps_total: ['Times the clock was set.', () => metrics.clockSteps, 'max'],
  };
}

function streamReadings(
  { limits, metrics }: Service,
  hub: Hub,
  kinds: readonly string[],
): Readings {
  return {
    tickwell_connections: [
      'Connections, by what they are sent.',
      () => connectionsByKind(hub, kinds),
    ],
    tickwell_connections_limit: ['The most there may be.', () => limits.maxConnections, 'max'],
    tickwell_connections_opened_total: ['Connections taken in.', () => metrics.openedConnections],
    tickwell_connections_closed_total: [
      'Connections that ended or were turned away, by close code; 0 for unknown ones.',
      () => by('code', metrics.closes),
    ],
    tickwell_sockets_dropped_total: ['Sockets closed unheard.', () => metrics.droppedConnections],
    tickwell_faulty_connections: [
      'Of those connections, the ones that asked for faults.',
      () => hub.faulty.size,
    ],
    tickwell_faults_total: [
      'What was done to readers who asked for faults, by its kind.',
      () => by('kind', metrics.faults),
    ],
    tickwell_subscriptions: ['Subscriptions of all connections.', () => subscriptions(hub)],
    tickwell_slowest_reader_lag_rows: [
      'Rows the last one is behind, but for those who asked for faults.',
      () => slowestLagRows(hub),
      'max',
    ],
    tickwell_sent_rows_total: ['Rows sent, times readers.', () => hub.counters.totals.rows],
    tickwell_sent_candles_total: [
      'Candles of streams sent, times readers.',
      () => hub.counters.totals.candles,
    ],
    tickwell_sent_trades_total: [
      'Single trades of streams sent, times readers.',
      () => hub.counters.totals.trades,
    ],
    tickwell_sent_frames_total: [
      'Messages sent over the stream.',
      () => hub.counters.totals.frames,
    ],
    tickwell_sent_bytes_total: ['Bytes of those messages.', () => hub.counters.totals.bytes],
    tickwell_delivery_duration_seconds: [
      'How long after they were due newest rows were written to readers, by what they are sent.',
      () => hub.times.samples(),
      'sum',
      'histogram',
    ],
    tickwell_skipped_rows_total: [
      'Rows left out for "latest", of books.',
      () => metrics.skippedRows,
    ],
  };
}

function answerReadings({ feed, answers, metrics, droppedLines }: Service): Readings {
  return {
    tickwell_regenerated_prices_total: ['Prices made again.', () => feed.history.regeneratedPrices],
    tickwell_answers_reused_total: [
      'Answers that were at hand, or were being made for somebody else.',
      () => answers.reused,
    ],
    tickwell_answers_kept_bytes: ['What answers take that are kept.', () => answers.keptBytes],
    tickwell_candles_kept_bytes: [
      'What candles take that were made in the background.',
      () => feed.history.kept.bytes,
    ],
    ...failureReadings(() => metrics.refusals, droppedLines),
    tickwell_http_request_duration_seconds: [
      'HTTP requests by route and status, and how long they took.',
      () => metrics.requests.samples(),
      'sum',
      'histogram',
    ],
  };
}

/** Of who has the log of what is done to the market: a process alone, or a primary. */
export function controlReadings(director: Pick<Director, 'figures'>): Readings {
  if (director.figures === undefined) return {};
  const figures = () => director.figures!;
  return {
    tickwell_control_entries: ['Entries of what was done to it.', () => figures().entries],
    tickwell_control_effects: ['Effects of all of them.', () => figures().effects],
    tickwell_control_instrument_effects: [
      'The same, each times the instruments that it is for.',
      () => figures().instrumentEffects,
    ],
    tickwell_control_last_entry_timestamp_seconds: [
      'When the last one since the start was taken; 0 if none was.',
      () => figures().lastMs / 1000,
    ],
    tickwell_control_waiting: [
      'Whether rows wait until something is on the disk.',
      () => Number(figures().isWaiting),
    ],
    tickwell_control_log_bytes: ['What the log has.', () => figures().log?.bytes ?? 0],
    tickwell_control_marks_total: ['Marks that were written.', () => figures().marks],
    tickwell_control_append_duration_seconds: [
      'Lines of the log, and how long they took until they were on the disk.',
      () => figures().log?.times.samples() ?? [],
      'sum',
      'histogram',
    ],
    ...clusterReadings(() => figures().cluster),
  };
}

/** Of a log that several servers have in NATS; 0 where there is none. */
function clusterReadings(figures: () => ClusterFigures | undefined): Readings {
  return {
    tickwell_cluster_connected: [
      'Whether the log in NATS is read as it comes.',
      () => Number(figures()?.isReached ?? false),
    ],
    tickwell_cluster_sealed_ahead_seconds: [
      'How far ahead of the clock rows are sealed; rows wait where that is negative.',
      () => (figures()?.sealedAheadMs ?? 0) / 1000,
    ],
    tickwell_cluster_sent_total: [
      'Messages that were sent to the log, by what they are.',
      () => by('kind', Object.entries(figures()?.sent ?? {})),
    ],
    tickwell_cluster_refused_total: [
      'Of those, the ones in whose place another one stood.',
      () => by('kind', Object.entries(figures()?.refused ?? {})),
    ],
    tickwell_cluster_connections_total: [
      'Connections to NATS that were begun.',
      () => figures()?.connections ?? 0,
    ],
  };
}

/** Of a process that serves and of a primary: both may fail, and have a log. */
export function failureReadings(
  refusals: () => Iterable<readonly [string, number]>,
  droppedLines: () => number,
): Readings {
  return {
    tickwell_refusals_total: [
      'Requests and messages answered by an error, by its code; internal: all failures of ours.',
      () => by('code', refusals()),
    ],
    tickwell_log_lines_dropped_total: ['Lines of the log that could not be written.', droppedLines],
  };
}

function by(label: string, values: Iterable<readonly [string | number, number]>): Sample[] {
  return [...values].map(([of, value]) => [{ [label]: of }, value]);
}

function reasons(current: string | undefined): Sample[] {
  return NOT_READY_REASONS.map((reason) => [{ reason }, Number(reason === current)]);
}

function connectionsByKind(hub: Hub, kinds: readonly string[]): Sample[] {
  const counts = new Map(kinds.map((kind) => [kind, 0]));
  for (const { kind } of hub.connections) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return by('kind', counts);
}

function subscriptions(hub: Hub): number {
  let sum = 0;
  for (const { subscriptions } of hub.connections) sum += subscriptions.size;
  return sum;
}

function slowestLagRows(hub: Hub): number {
  let most = 0;
  for (const connection of hub.connections) {
    if (hub.faulty.has(connection)) continue;
    const { subscriptions } = connection;
    for (const { cursor } of subscriptions.values()) {
      most = Math.max(most, hub.history.head - cursor);
    }
  }
  return most;
}
