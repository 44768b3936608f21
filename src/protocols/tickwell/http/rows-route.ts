import type { FastifyInstance } from 'fastify';
import type { History } from '../../../core/history/history.ts';
import { readRows } from '../../../core/history/read-rows.ts';
import { wantedOf } from '../../../core/history/wanted.ts';
import { sinceOf } from '../../../core/market/grid.ts';
import { quoted } from '../../../core/market/quoted.ts';
import { rowsCost } from '../../../host/budgets/cost.ts';
import type { Pay } from '../../../host/budgets/work.ts';
import { notationCost } from '../../../host/budgets/writing-cost.ts';
import type { Making } from '../../../host/http/body.ts';
import { etagOf } from '../../../host/http/caching.ts';
import { onceThere } from '../../../host/http/once-there.ts';
import { COMPRESSED, exposed, type Made, type Responder } from '../../../host/http/responder.ts';
import { TickwellError } from '../../../wire/errors.ts';
import type { Notation } from '../../../wire/notation.ts';
import { ROWS_FORMATS, type RowsFormat } from '../formats/format.ts';
import { notationOf } from '../formats/notation.ts';
import { checkIndex, MAX_ANSWER_CHUNKS, rowsOfIndex, wholeGroups } from '../formats/parquet.ts';
import {
  alone,
  checkColumns,
  type Part,
  type RowsRange,
  type RowsWriter,
  rowsHeaders,
} from '../formats/rows.ts';
import { rowsWriter } from '../formats/writers.ts';
import { type Limits, limitsNow, type TickwellService } from '../limits.ts';
import { checkSpeaks, hadRows, saidId, speaksFor } from '../market-ids.ts';
import { cursorOf, endOf, fieldsOf, timeMsOf } from '../requests.ts';
import { columnsOf } from '../symbols.ts';
import { begun } from './begun.ts';
import { checkQuery } from './checks.ts';
import { listsHarm } from './harm.ts';
import { RowsQuery } from './queries.ts';
import { ROWS_HEADERS, RowsAnswer, taggedAnswers } from './schemas.ts';

const SCHEMA = {
  tags: ['market'],
  summary: 'The rows with since < time <= until',
  querystring: RowsQuery,
  response: taggedAnswers(RowsAnswer, 'The rows', ROWS_FORMATS, ROWS_HEADERS),
};

/** `GET /v1/rows`. */
export function addRows(
  app: FastifyInstance,
  service: TickwellService,
  responder: Responder,
): void {
  const { feed, limits, version } = service;
  const { market, history } = feed;

  const config = { harm: listsHarm(feed.market) };
  app.get<{ Querystring: RowsQuery }>(
    '/v1/rows',
    { schema: SCHEMA, ...COMPRESSED, config, preValidation: checkQuery(ROWS_FORMATS) },
    (request, reply) => {
      const { query } = request;
      const { format, mediaType, pay, named } = begun(service, responder, ROWS_FORMATS, request);
      const notation = notationOf(format, query);
      const range = rangeOf(history, limitsNow(service), query, named, pay);
      const { fields, columns, from, next, head, id } = range;
      checkColumns(market, limits.maxArrowSymbols, format, range);
      if (query.whole) {
        checkWhole(format);
        const partRows = partRowsOf(history, range, format);
        if (format === 'parquet') {
          checkIndex({ what: 'rows', rows: next - from, partRows, ...indexOf(range) });
        }
        const headers = exposed(rowsHeaders(market, range));
        return onceThere(rowsWriter(format), (write) => {
          const parts = partsOf(history, range, { format, notation, write, partRows });
          return responder.stream(request, reply, { mediaType, headers, parts });
        });
      }
      return responder.answer(request, reply, {
        mediaType,
        etag: etagOf(
          [
            version,
            'rows',
            mediaType,
            id,
            fields.join(),
            from,
            next,
            head ?? 'over',
            notation.prices,
            notation.time,
          ],
          columns,
        ),
        columns: columns.length,
        isFinal: head === undefined,
        isImmutable: head === undefined && query.since !== 'now' && speaksFor(history, named, next),
        cost:
          rowsCost(history, range, [from, next], format) +
          notationCost(notation, next - from, (next - from) * columns.length * fields.length),
        make() {
          const headers = format === 'json' ? {} : exposed(rowsHeaders(market, range));
          const part = alone(range);
          return onceThere(rowsWriter(format), (write) =>
            madeRows(history, range, { notation, write, part }, headers),
          );
        },
      });
    },
  );
}

/** Prices of a part; and of one whose blocks are not kept until the next, so that few are made. */
const PART_PRICES = 2 ** 17;
const WIDE_PART_PRICES = 2 ** 21;
/**
 * Of Parquet: its readers are slow where groups of rows are small, and its index is long. Where it
 * would be too long to be held, a part is as large as one whose blocks are not kept.
 */
const GROUP_PRICES = 2 ** 20;

interface Writing {
  readonly format: RowsFormat;
  readonly notation: Notation;
  readonly write: RowsWriter;
  readonly partRows: number;
}

function partRowsOf(history: History, whole: RowsRange, format: RowsFormat): number {
  const { fields, columns, from, next } = whole;
  const isKept = history.keepsFor(whole, from);
  const rowsOf = (prices: number) =>
    Math.max(1, Math.floor(prices / (columns.length * fields.length)));
  const wide = rowsOf(WIDE_PART_PRICES);
  if (format !== 'parquet') return isKept ? rowsOf(PART_PRICES) : wide;
  const partRows = wholeGroups(rowsOf(GROUP_PRICES));
  const isHeld = next - from <= rowsOfIndex({ partRows, ...indexOf(whole) });
  return isKept && isHeld ? partRows : wholeGroups(wide);
}

/** What the index of Parquet says of each group, and how much it may say in all. */
function indexOf({ fields, columns }: RowsRange) {
  // The times are a column too.
  return { columns: columns.length * fields.length + 1, maxChunks: MAX_ANSWER_CHUNKS };
}

interface WrittenPart extends Pick<Writing, 'notation' | 'write'> {
  readonly part: Part;
}

/** The rows of a part, or of a range that is one, written. */
function* writtenRows(
  history: History,
  range: RowsRange,
  { notation, write, part }: WrittenPart,
): Making {
  const read = yield* readRows(history, range, range.from, range.next);
  return yield* write({ market: history.market, range, read, notation, part });
}

function* madeRows(
  history: History,
  range: RowsRange,
  how: WrittenPart,
  headers: Made['headers'],
): Generator<unknown, Made, void> {
  return { pieces: yield* writtenRows(history, range, how), headers };
}

/** A range in parts that follow one another, at least one. */
function* partsOf(
  history: History,
  whole: RowsRange,
  { format, notation, write, partRows }: Writing,
): Generator<{ cost: number; steps: () => Making }, void, void> {
  const { fields, columns, next: end } = whole;
  const isKept = history.keepsFor(whole, whole.from);
  for (let from = whole.from, isFirst = true; isFirst || from < end; isFirst = false) {
    const next = Math.min(end, from + partRows);
    const part = { whole, isFirst, isLast: next === end };
    const range = { ...whole, from, next };
    const values = (next - from) * columns.length * fields.length;
    // Where blocks are made again for each part, it pays for all of them.
    const reading = { isAlone: isFirst || !isKept, isFirst };
    const cost =
      rowsCost(history, whole, [from, next], format, reading) +
      notationCost(notation, next - from, values);
    yield { cost, steps: () => writtenRows(history, range, { notation, write, part }) };
    from = next;
  }
}

function checkWhole(format: RowsFormat): void {
  if (format !== 'json' && format !== 'bin') return;
  const rule = 'whole must stand beside csv, ndjson, arrow or parquet';
  throw new TickwellError('bad_request', `${rule}; given: ${format}`);
}

/** The rows that are asked for, cut to what one answer may hold. */
function rangeOf(
  history: History,
  limits: Limits,
  query: RowsQuery,
  named: string | undefined,
  pay: Pay,
): RowsRange {
  const { market, head } = history;
  const { since, until, limit, last } = query;
  const columns = columnsOf(market, query.symbols, pay);
  const fields = fieldsOf(query.fields);
  const values = columns.length * fields.length;
  const fitting = Math.max(1, Math.floor(limits.maxPricesPerAnswer / values));
  const most = query.whole ? Number.MAX_SAFE_INTEGER : fitting;
  const from =
    last === undefined
      ? cursorOf(market, limits, head, since)
      : lastRowsFrom(query, last, head, most);
  checkSpeaks(history, named, last === undefined ? hadRows(since, from) : head);
  const end = endOf(market, head, from, until);
  const next = Math.max(from, Math.min(end, from + Math.min(limit ?? most, most)));
  const id = saidId(history, named, next);
  const isFinal = until !== undefined && timeMsOf('until', until) <= sinceOf(market.grid, head);
  return { ...wantedOf(fields, columns), from, next, head: isFinal ? undefined : head, id };
}

function lastRowsFrom(query: RowsQuery, last: number, head: number, most: number): number {
  const other = query.since ?? query.until ?? query.limit;
  if (other !== undefined) {
    throw new TickwellError(
      'bad_request',
      `last cannot stand beside since, until or limit; given: ${quoted(other)}`,
    );
  }
  if (last > most) {
    throw new TickwellError(
      'range_too_large',
      `last must be at most ${most} rows of so many symbols; given: ${last}`,
      { limit: most },
    );
  }
  return Math.max(0, head - last);
}
