import type { Grade, SymbolGrade } from '../../src/core/grading/grade.ts';
import { finish } from '../../src/core/market/finish.ts';
import type { Timeline } from '../../src/core/timeline/timeline.ts';
import type { GradedFormat } from '../../src/protocols/tickwell/formats/format.ts';
import { type GradeRequest, Grading } from '../../src/protocols/tickwell/grading/grading.ts';
import { Recording } from '../../src/protocols/tickwell/grading/recording.ts';

/** What nobody asks for: rows as they come, in ticks, of all symbols that there are some of. */
export const PLAIN: GradeRequest = {
  what: 'rows',
  resolution: undefined,
  isHeldWanted: true,
  isDecimal: false,
  columns: undefined,
  sinceMs: undefined,
  untilMs: undefined,
  faults: undefined,
};

export interface Graded {
  readonly timeline: Timeline;
  readonly request?: Partial<GradeRequest>;
  readonly head?: number;
  readonly format?: GradedFormat;
  /** Bytes that come at a time. */
  readonly chunkBytes?: number;
}

/** The grade of a recording, without a server. */
export function gradeOf(body: string | Uint8Array, graded: Graded): Grade {
  const { timeline, request = {}, head = 2 ** 40, format, chunkBytes = 1000 } = graded;
  const grading = new Grading({ timeline, head: () => head }, { ...PLAIN, ...request });
  const recording = new Recording(grading, format);
  const bytes = Buffer.from(body as string);
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    finish(recording.take(bytes.subarray(at, at + chunkBytes)));
  }
  return finish(recording.finish());
}

const NONE = { count: 0, ranges: [], isCut: false };

/** The grade of a symbol of which nothing is wrong but what is given. */
export function soleSins(records: number, sins: Partial<SymbolGrade>): SymbolGrade {
  return {
    right: Object.keys(sins).length === 0,
    records,
    missing: NONE,
    twice: NONE,
    outOfOrder: NONE,
    wrong: { count: 0, first: [] },
    offGrid: { count: 0, first: [] },
    tooLate: 0,
    ...sins,
  };
}

/** Times of rows one by one, as they are listed. */
export function listed(times: readonly number[], step: number) {
  const ranges: [number, number][] = [];
  for (const time of times) {
    const last = ranges.at(-1);
    if (last?.[1] === time - step) last[1] = time;
    else ranges.push([time, time]);
  }
  return { count: times.length, ranges, isCut: false };
}
