import { setTimeout as sleep } from 'node:timers/promises';
import { connectNats } from '../cluster/nats-connection.ts';
import { RefusedByNats } from '../cluster/nats-errors.ts';
import { NatsBroker } from '../cluster/sinks/nats-broker.ts';
import { quoted } from '../core/market/quoted.ts';
import type { NatsSinkOptions } from './commands/sink.ts';
import { readSinkNats } from './nats.ts';
import { runSink } from './sink.ts';
import { UsageError } from './usage-error.ts';

/** How long until a NATS that is not there is looked for again. */
const RETRY_MS = 1000;

/** Publishes to NATS until it is to end; gives the exit code. */
export function sinkToNats(options: NatsSinkOptions): Promise<number> {
  const { stream, subject } = options;
  checkStream(stream);
  const isBySymbol = checkSubject(subject);
  const nats = readSinkNats(options.url, options);
  return runSink(options, isBySymbol, async (tell, signal) => {
    for (let told = ''; !signal.aborted; ) {
      try {
        const wishes = { name: `tickwell sink ${stream}`, reconnects: true };
        const connection = await connectNats(nats, wishes);
        const broker = await NatsBroker.open({ connection, stream, subject, tell });
        return { broker, close: () => connection.close() };
      } catch (error) {
        if (error instanceof RefusedByNats) throw new UsageError([error.message]);
        const { message } = error as Error;
        if (message !== told) tell(message);
        told = message;
        await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
      }
    }
    return undefined;
  });
}

function checkStream(stream: string): void {
  if (/^[^\s.*>/\\]+$/.test(stream)) return;
  const rule = 'stream must be a name of NATS, without blanks and . * > / \\';
  throw new UsageError([`${rule}; given: ${quoted(stream)}`]);
}

/** Whether each symbol has a subject of its own. */
function checkSubject(subject: string): boolean {
  const isSubject = subject.split('.').every((part) => /^[^\s*>]+$/.test(part));
  if (isSubject) return subject.includes('{symbol}');
  const rule = 'subject must be words with dots between, {symbol} one of them or none';
  throw new UsageError([`${rule}; given: ${quoted(subject)}`]);
}
