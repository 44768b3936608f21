/** How rows and candles can be written, and what each way is called in HTTP. */

export const ROWS_FORMATS = ['json', 'csv', 'ndjson', 'arrow', 'parquet', 'bin'] as const;
/** Of the realism report. */
export const REALISM_FORMATS = ['json', 'html'] as const;
export const LATEST_FORMATS = ['json', 'csv'] as const;
export const CANDLES_FORMATS = ['json', 'csv', 'ndjson', 'arrow', 'parquet'] as const;
/** Of single trades. */
export const TRADES_FORMATS = ['json', 'csv', 'ndjson', 'arrow', 'parquet'] as const;
export const DEPTH_FORMATS = ['json', 'csv', 'ndjson'] as const;
/** Of recordings, to be graded. */
export const GRADED_FORMATS = ['csv', 'ndjson', 'arrow'] as const;
/** Of what is done to rows. */
export const STRIKES_FORMATS = ['json', 'csv', 'ndjson'] as const;
export type RowsFormat = (typeof ROWS_FORMATS)[number];
export type RealismFormat = (typeof REALISM_FORMATS)[number];
export type LatestFormat = (typeof LATEST_FORMATS)[number];
export type TradesFormat = (typeof TRADES_FORMATS)[number];
export type CandlesFormat = (typeof CANDLES_FORMATS)[number];
export type GradedFormat = (typeof GRADED_FORMATS)[number];
export type DepthFormat = (typeof DEPTH_FORMATS)[number];
export type StrikesFormat = (typeof STRIKES_FORMATS)[number];

/** All that an answer can be written in. */
export type AnyFormat = RowsFormat | RealismFormat;

/** The media types that ask for a format; the first is its own. */
export const MEDIA_TYPES: Readonly<Record<AnyFormat, readonly [string, ...string[]]>> = {
  html: ['text/html'],
  json: ['application/json'],
  csv: ['text/csv'],
  ndjson: ['application/x-ndjson', 'application/ndjson'],
  arrow: ['application/vnd.apache.arrow.stream'],
  parquet: ['application/vnd.apache.parquet'],
  bin: ['application/vnd.tickwell.rows', 'application/octet-stream'],
};
