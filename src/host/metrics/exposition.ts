export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** How the values of several processes become one; those with other labels stay apart. */
const AGGREGATORS = {
  sum: (one: number, other: number) => one + other,
  max: Math.max,
  min: Math.min,
  first: (one: number) => one,
};
export type Aggregator = keyof typeof AGGREGATORS;

/** A metric at some moment, as it goes between processes. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly aggregator: Aggregator;
  /** By what stands before each in the text. */
  readonly values: Readonly<Record<string, number>>;
}

/** A value with what it is of; in a histogram also what stands behind the metric's name. */
export type Sample = readonly [
  labels: Readonly<Record<string, string | number>>,
  value: number,
  suffix?: '_bucket' | '_sum' | '_count',
];

type Values = number | readonly Sample[];

/** Metrics by name, each asked for its values when someone looks; added if nothing is said. */
export type Readings = Readonly<
  Record<
    string,
    readonly [
      help: string,
      read: () => Values | Promise<Values>,
      aggregator?: Aggregator,
      type?: 'histogram',
    ]
  >
>;

/** What the readings say now. */
export function readAll(readings: Readings): Promise<Metric[]> {
  return Promise.all(
    Object.entries(readings).map(async ([name, [help, read, aggregator = 'sum', given]]) => {
      const type = given ?? (name.endsWith('_total') ? 'counter' : 'gauge');
      const said = await read();
      const samples: readonly Sample[] = typeof said === 'number' ? [[{}, said]] : said;
      const values = samples.map(([labels, value, suffix = '']) => [
        `${name}${suffix}${labelsOf(labels)}`,
        value,
      ]);
      return { name, help, type, aggregator, values: Object.fromEntries(values) };
    }),
  );
}

/** The metrics of several processes as if they were one. */
export function together(all: readonly (readonly Metric[])[]): Metric[] {
  const byName = new Map<string, Metric>();
  for (const metric of all.flat()) {
    const before = byName.get(metric.name);
    const values = { ...before?.values };
    for (const [key, value] of Object.entries(metric.values)) {
      const has = values[key];
      values[key] = has === undefined ? value : AGGREGATORS[metric.aggregator](has, value);
    }
    byName.set(metric.name, { ...(before ?? metric), values });
  }
  return [...byName.values()];
}

/** Source: prometheus.io/docs/instrumenting/exposition_formats, text format 0.0.4. */
export function textOf(metrics: readonly Metric[]): string {
  const lines = metrics.flatMap(({ name, help, type, values }) => [
    `# HELP ${name} ${help.replace(/[\\\n]/g, escaped)}`,
    `# TYPE ${name} ${type}`,
    ...Object.entries(values).map(([key, value]) => `${key} ${value}`),
  ]);
  return `${lines.join('\n')}\n`;
}

function labelsOf(labels: Sample[0]): string {
  const each = Object.entries(labels).map(
    ([label, value]) => `${label}="${String(value).replace(/[\\"\n]/g, escaped)}"`,
  );
  return each.length === 0 ? '' : `{${each.join(',')}}`;
}

function escaped(character: string): string {
  return character === '\n' ? '\\n' : `\\${character}`;
}
