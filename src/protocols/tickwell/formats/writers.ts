import { arrowCandles, arrowRows } from './arrow.ts';
import { loadArrow } from './arrow-library.ts';
import { type CandlesWriter, csvCandles, jsonCandles, ndjsonCandles } from './candles.ts';
import type { CandlesFormat, RowsFormat } from './format.ts';
import { parquetCandles, parquetRows } from './parquet.ts';
import { loadParquet } from './parquet-file.ts';
import { binRows, csvRows, jsonRows, ndjsonRows, type RowsWriter } from './rows.ts';

/** How rows are written in `format`; of one answer, from its first part to its last. */
export async function rowsWriter(format: RowsFormat): Promise<RowsWriter> {
  switch (format) {
    case 'json':
      return jsonRows;
    case 'csv':
      return csvRows;
    case 'ndjson':
      return ndjsonRows;
    case 'bin':
      return binRows;
    case 'arrow': {
      const arrow = await loadArrow();
      return (rows) => arrowRows(arrow, rows);
    }
    case 'parquet':
      return parquetRows(await loadParquet());
  }
}

/** How candles are written in `format`; of one answer, from its first part to its last. */
export async function candlesWriter(format: CandlesFormat): Promise<CandlesWriter> {
  switch (format) {
    case 'json':
      return jsonCandles;
    case 'csv':
      return csvCandles;
    case 'ndjson':
      return ndjsonCandles;
    case 'arrow': {
      const arrow = await loadArrow();
      return (candles) => arrowCandles(arrow, candles);
    }
    case 'parquet':
      return parquetCandles(await loadParquet());
  }
}
