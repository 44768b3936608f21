import { ClientError } from '../client/error.ts';
import { type Broker, SinkProblem } from '../cluster/sinks/broker.ts';
import { Sink } from '../cluster/sinks/sink.ts';
import { LineWriter } from '../host/line-writer.ts';
import { fieldsOf } from '../protocols/tickwell/requests.ts';
import { asServed } from './arguments.ts';
import type { SinkCommandOptions } from './commands/sink.ts';
import { checkUrl, refused, sinceOf, symbolsOf } from './follow.ts';
import { metricsPlace, serveMetrics } from './sink-metrics.ts';
import { FollowedSource } from './sink-source.ts';
import { UsageError } from './usage-error.ts';

/** Who is asked to end waits so long for what is on its way. */
const LAST_ANSWERS_MS = 6000;

type Tell = (sentence: string) => void;

/** A broker, and what ends the connection to it. */
export interface OpenBroker<Place> {
  readonly broker: Broker<Place>;
  close(): Promise<void> | void;
}

/**
 * Publishes until it is to end; gives the exit code. `open` connects once all options are known to
 * be right; with `isBySymbol` each symbol has messages of its own.
 */
export async function runSink<Place>(
  options: SinkCommandOptions,
  isBySymbol: boolean,
  open: (tell: Tell, signal: AbortSignal) => Promise<OpenBroker<Place> | undefined>,
): Promise<number> {
  const { from, format } = options;
  const fields = asServed(() => fieldsOf(options.fields));
  const symbols = symbolsOf(options.symbols);
  const since = sinceOf(options.since);
  const place = metricsPlace(options.metricsHost, options.metricsPort);
  checkUrl(from, 'from');
  const { write } = new LineWriter(process.stderr);
  const tell = (sentence: string) => write(`tickwell: ${sentence}\n`);
  const { signal } = endings();
  const source = new FollowedSource(
    { url: from, symbols, fields, signal, tell },
    { format, isBySymbol },
  );
  const opened = await open(tell, signal);
  if (opened === undefined) return 0;
  const { broker } = opened;
  const sink = new Sink({ broker, source, since, signal, tell });
  let stopMetrics = () => {};
  try {
    if (place !== undefined) stopMetrics = await serveMetrics(place, sink, tell);
    await sink.run();
    return 0;
  } catch (error) {
    if (error instanceof SinkProblem) throw new UsageError([error.message]);
    if (!(error instanceof ClientError)) throw error;
    return refused(error, tell);
  } finally {
    stopMetrics();
    await opened.close();
  }
}

/** Aborts when the process is asked to end. */
function endings(): AbortController {
  const stop = new AbortController();
  const end = () => {
    // A second Ctrl-C does not wait.
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
    setTimeout(() => process.exit(0), LAST_ANSWERS_MS).unref();
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  return stop;
}
