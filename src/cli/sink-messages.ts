import type { AnyRows } from '../client/rows.ts';
import type { SinkMessage } from '../cluster/sinks/message.ts';
import { wantedOf } from '../core/history/wanted.ts';
import { type Dtype, newPrices, type Prices } from '../core/market/dtype.ts';
import { dtypeOfField, type Field } from '../core/market/fields.ts';
import { finish } from '../core/market/finish.ts';
import { binRows, ndjsonRows, type WrittenRows } from '../protocols/tickwell/formats/rows.ts';
import { DEFAULT_NOTATION } from '../wire/notation.ts';
import { type Followed, rowsIn } from './followed-rows.ts';
import { writtenMarket } from './row-lines.ts';

export const SINK_FORMATS = ['json', 'bin'] as const;

/** What is published of rows. */
export interface SinkForm {
  readonly format: (typeof SINK_FORMATS)[number];
  readonly fields: readonly Field[];
  /** Whether each symbol has a message of its own. */
  readonly isBySymbol: boolean;
  /** Of the market's prices. */
  readonly dtype: Dtype;
}

/** The messages of rows, row by row; each is what `GET /v1/rows` says of one row. */
export function messagesOf({ market, rows }: Followed, form: SinkForm): SinkMessage[] {
  const all = rows.symbols.map((_, column) => column);
  const parts = form.isBySymbol ? all.map((column) => [column]) : [all];
  const names = form.isBySymbol ? rows.symbols : ['*'];
  const bodies = parts.map((columns) => bodiesOf(rows, columns, form));
  const messages: SinkMessage[] = [];
  for (let row = 0; row < rowsIn(rows); row++) {
    const time = rows.since + (row + 1) * rows.interval;
    for (const [part, name] of names.entries()) {
      messages.push({ market, time, name, body: bodies[part]![row]! });
    }
  }
  return messages;
}

/** What is said of columns, a body for each row. */
function bodiesOf(rows: AnyRows, columns: readonly number[], form: SinkForm): Uint8Array[] {
  const { format, fields, dtype } = form;
  const count = rowsIn(rows);
  const market = writtenMarket(rows, new Map(), dtype);
  const values = fields.flatMap((field) =>
    columns.map((column) => rows.values[field]?.[column] ?? new Float64Array(count)),
  );
  const written = (from: number, next: number, read: readonly Prices[]): WrittenRows => {
    const range = { ...wantedOf(fields, columns), from, next, head: undefined, id: '' };
    const part = { whole: range, isFirst: true, isLast: true };
    return { market, range, read, notation: DEFAULT_NOTATION, part };
  };
  if (format === 'json') {
    return linesIn(Buffer.concat(finish(ndjsonRows(written(0, count, values)))));
  }
  const typed = values.map((own, n) => {
    const field = fields[Math.floor(n / columns.length)]!;
    const prices = newPrices(dtypeOfField(field, dtype), count);
    prices.set(own);
    return prices;
  });
  return Array.from({ length: count }, (_, row) => {
    const read = typed.map((own) => own.subarray(row, row + 1));
    return Buffer.concat(finish(binRows(written(row, row + 1, read))));
  });
}

const LINE_END = 0x0a;

/** The lines of a text, without their ends. */
function linesIn(text: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf(LINE_END, from);
    lines.push(text.subarray(from, end));
    from = end + 1;
  }
  return lines;
}
