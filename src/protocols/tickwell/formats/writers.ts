import { arrowCandles, arrowRows, arrowTrades } from './arrow.ts';
import { loadArrow } from './arrow-library.ts';
import {
  type CandlesWriter,
  csvCandles,
  jsonCandles,
  ndjsonCandles,
  recordCandles,
} from './candles.ts';
import type { CandlesFormat, RowsFormat, TradesFormat } from './format.ts';
import { jsonRows } from './json-rows.ts';
import { parquetCandles, parquetRows, parquetTrades } from './parquet.ts';
import { loadParquet } from './parquet-file.ts';
import { binRows, csvRows, ndjsonRows, type RowsWriter, recordRows } from './rows.ts';
import { csvTrades, jsonTrades, ndjsonTrades, recordTrades, type TradesWriter } from './trades.ts';

/** A list of what are lines in `ndjson`: JSON for who writes a file part by part. */
export type Records = 'records';

/** How rows are written in `format`; of one answer, from its first part to its last. */
export function rowsWriter(format: RowsFormat | Records): RowsWriter | Promise<RowsWriter> {
  switch (format) {
    case 'json':
      return jsonRows;
    case 'csv':
      return csvRows;
    case 'ndjson':
      return ndjsonRows;
    case 'records':
      return recordRows;
    case 'bin':
      return binRows;
    case 'arrow':
      return loadArrow().then((arrow) => (rows) => arrowRows(arrow, rows));
    case 'parquet':
      return loadParquet().then(parquetRows);
  }
}

/** How candles are written in `format`; of one answer, from its first part to its last. */
export function candlesWriter(
  format: CandlesFormat | Records,
): CandlesWriter | Promise<CandlesWriter> {
  switch (format) {
    case 'json':
      return jsonCandles;
    case 'csv':
      return csvCandles;
    case 'ndjson':
      return ndjsonCandles;
    case 'records':
      return recordCandles;
    case 'arrow':
      return loadArrow().then((arrow) => (candles) => arrowCandles(arrow, candles));
    case 'parquet':
      return loadParquet().then(parquetCandles);
  }
}

/** How trades are written in `format`; of one answer, from its first part to its last. */
export function tradesWriter(format: TradesFormat | Records): TradesWriter | Promise<TradesWriter> {
  switch (format) {
    case 'json':
      return jsonTrades;
    case 'csv':
      return csvTrades;
    case 'ndjson':
      return ndjsonTrades;
    case 'records':
      return recordTrades;
    case 'arrow':
      return loadArrow().then((arrow) => (trades) => arrowTrades(arrow, trades));
    case 'parquet':
      return loadParquet().then(parquetTrades);
  }
}
