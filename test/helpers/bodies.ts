import { tableFromIPC, type Vector } from 'apache-arrow';
import { parseRows } from '../../src/wire/binary.ts';
import type { TestServer } from './server.ts';

/** An answer as it came, decompressed. */
export interface Body {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

/** What any format says of rows or candles: a list of numbers for each name, by time. */
export interface Said {
  readonly time: number[];
  readonly names: string[];
  readonly columns: number[][];
}

export async function bodyOf(server: TestServer, path: string, init?: RequestInit): Promise<Body> {
  const response = await fetch(server.server.url + path, init);
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, bytes };
}

export function textOf({ bytes }: Body): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
}

const numbersOf = (vector: Vector) => Array.from(vector.toArray(), Number);

function saidCsv(body: Body): Said {
  const text = textOf(body);
  if (!text.endsWith('\n')) throw new Error('the last line of a CSV has an end');
  const [header, ...lines] = text.slice(0, -1).split('\n');
  const [time, ...names] = header.split(',');
  if (time !== 'time') throw new Error(`the first column is the time, not ${time}`);
  const cells = lines.map((line) => line.split(',').map(Number));
  const columns = names.map((_, n) => cells.map((row) => row[n + 1]));
  return { time: cells.map((row) => row[0]), names, columns };
}

function saidNdjson(body: Body): Said {
  const lines = textOf(body).split('\n');
  if (lines.pop() !== '') throw new Error('the last line of NDJSON has an end');
  const rows = lines.map((line) => JSON.parse(line));
  // Candles are flat.
  const fields = rows.map(({ time: _, prices, ...flat }) => prices ?? flat);
  const names = Object.keys(fields[0] ?? {});
  const columns = names.map((name) => fields.map((row) => row[name]));
  return { time: rows.map(({ time }) => time), names, columns };
}

export function arrowOf({ bytes }: Pick<Body, 'bytes'>) {
  return tableFromIPC(bytes);
}

function saidArrow(body: Body): Said {
  const table = arrowOf(body);
  const [time, ...names] = table.schema.fields.map(({ name }) => name);
  if (time !== 'time') throw new Error(`the first column is the time, not ${time}`);
  const columns = names.map((_, n) => numbersOf(table.getChildAt(n + 1)!));
  return { time: numbersOf(table.getChildAt(0)!), names, columns };
}

function saidBin({ bytes }: Body): Said {
  const rows = parseRows(bytes);
  if (rows === undefined) throw new Error('the answer is one frame');
  const interval = rows.rows === 0 ? 0 : (rows.until - rows.since) / rows.rows;
  const time = Array.from({ length: rows.rows }, (_, n) => rows.since + (n + 1) * interval);
  return { time, names: [], columns: rows.prices.map((prices) => [...prices]) };
}

const CANDLE_NAMES = ['open', 'high', 'low', 'close', 'volume', 'trades'];

function saidJson(body: Body): Said {
  const json = JSON.parse(textOf(body));
  if (json.prices === undefined) {
    const names = Object.keys(json).filter((name) => CANDLE_NAMES.includes(name));
    return { time: json.time, names, columns: names.map((name) => json[name]) };
  }
  const { since, interval, symbols, prices } = json;
  const rows = (json.until - since) / interval;
  const time = Array.from({ length: rows }, (_, n) => since + (n + 1) * interval);
  return { time, names: symbols, columns: prices };
}

/** Readers of each format. Names are empty where the format, or an answer of no rows, has none. */
export const READERS = {
  json: saidJson,
  csv: saidCsv,
  ndjson: saidNdjson,
  arrow: saidArrow,
  bin: saidBin,
} as const;
