import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Grade } from '../core/grading/grade.ts';
import { MAX_ROWS } from '../core/market/grid.ts';
import type { Market } from '../core/market/market.ts';
import { Timeline } from '../core/timeline/timeline.ts';
import { systemClock } from '../host/clock.ts';
import { WrongLog } from '../host/control/log-lines.ts';
import { readControl } from '../host/control/open-control.ts';
import { Slicer } from '../host/slicer.ts';
import { loadArrow } from '../protocols/tickwell/formats/arrow-library.ts';
import { type GradeRequest, Grading } from '../protocols/tickwell/grading/grading.ts';
import { Recording } from '../protocols/tickwell/grading/recording.ts';
import { gradeRequestOf } from '../protocols/tickwell/grading/request.ts';
import { TickwellError } from '../wire/errors.ts';
import { asServed, columnsOf } from './arguments.ts';
import type { GradeOptions } from './commands/grade.ts';
import { loadMarket } from './config.ts';
import { gradeText } from './grade-text.ts';
import { writeOutput } from './output.ts';
import { placeProblem } from './place-problem.ts';
import { newProgress } from './progress.ts';
import { UsageError } from './usage-error.ts';

const SLICE_MS = 50;
/** Bytes that are read at a time. */
const READ_BYTES = 2 ** 18;

/** Grades what was recorded, and says so; gives whether all of it is right. */
export async function grade(file: string, options: GradeOptions): Promise<boolean> {
  const market = loadMarket(options);
  const timeline = new Timeline(market);
  const request = requestOf(market, options);
  if (options.log !== undefined) await readLog(timeline, options.log);
  // What a server will serve one day is true already.
  const grading = new Grading({ timeline, head: () => MAX_ROWS }, request);
  // It takes long to load, and is not for who has no use for it.
  if (options.format === 'arrow' || /\.(arrows?|feather)$/i.test(file)) await loadArrow();
  const graded = await gradeFile(file, new Recording(grading, options.format));
  const text = options.json === true ? `${JSON.stringify(graded, null, 2)}\n` : gradeText(graded);
  await writeOutput('-', (output) => output.write(text));
  return graded.right;
}

function requestOf(market: Market, options: GradeOptions): GradeRequest {
  const { symbols, held, ...asked } = options;
  const columns = symbols === undefined ? undefined : columnsOf(market, symbols);
  const said = held ? asked : { ...asked, held };
  return asServed(() => gradeRequestOf({ market, head: 0 }, said, columns, () => {}));
}

async function readLog(timeline: Timeline, log: string): Promise<void> {
  if (log === '') throw new UsageError(['log must be a file; given: ""']);
  try {
    await readControl(timeline, log);
  } catch (error) {
    if (error instanceof WrongLog) throw new UsageError([error.message]);
    throw readProblem('log', log, error);
  }
}

async function gradeFile(file: string, recording: Recording): Promise<Grade> {
  const slicer = new Slicer(systemClock, SLICE_MS);
  const { chunks, bytes } = await opened(file);
  const progress = newProgress(bytes, 'bytes', bytes > 0);
  try {
    for await (const chunk of chunks) {
      // In slices: whoever wants us to end is heard between them.
      await slicer.run(recording.take(chunk));
      progress.add(chunk.length);
    }
    return await slicer.run(recording.finish());
  } catch (error) {
    if (error instanceof TickwellError) throw new UsageError([error.message]);
    throw readProblem('file', file, error);
  } finally {
    progress.stop();
  }
}

/** What is in a file, and how long it is; 0 if nobody knows. */
async function opened(file: string): Promise<{ chunks: AsyncIterable<Buffer>; bytes: number }> {
  if (file === '-') return { chunks: process.stdin, bytes: 0 };
  if (file === '') throw new UsageError(['file must be a file, or -; given: ""']);
  try {
    const { size } = await stat(file);
    return { chunks: createReadStream(file, { highWaterMark: READ_BYTES }), bytes: size };
  } catch (error) {
    throw readProblem('file', file, error);
  }
}

/** What the system says of a file that it would not have read; anything else as it is. */
function readProblem(option: string, file: string, error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall === undefined) return error;
  return new UsageError([placeProblem(option, file, 'read', code)]);
}
