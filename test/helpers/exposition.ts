/** A metric by its name. */
export interface Family {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
}

/** What a scrape told. */
export interface Scrape {
  readonly families: ReadonlyMap<string, Family>;
  /** By name and labels, as they stand: `name{label="value"}`. */
  readonly samples: ReadonlyMap<string, number>;
  /** The value of a sample; NaN if there is none. */
  value(sample: string): number;
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\\\\\|\\\\"|\\\\n)*"';
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (\\S+)$`);
const NUMBER = /^(?:[+-]?Inf|NaN|[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)$/;

/**
 * Reads the text format of Prometheus, strictly: throws on what a scraper might forgive.
 *
 * Source: prometheus.io/docs/instrumenting/exposition_formats, text format 0.0.4.
 */
export function parseMetrics(text: string): Scrape {
  if (!text.endsWith('\n')) problem('the last line must end', text.slice(-40));
  const families = new Map<string, Family>();
  const samples = new Map<string, number>();
  const lines = text.slice(0, -1).split('\n');
  let name = '';
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at];
    if (line === '') continue;
    const help = new RegExp(`^# HELP (${NAME}) (.+)$`).exec(line);
    if (help !== null) {
      const typed = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram)$`).exec(lines[++at]);
      name = help[1];
      if (typed?.[1] !== name) problem('TYPE must follow HELP', lines[at]);
      if (families.has(name)) problem('a metric must be told once', line);
      if (/(?:^|[^\\])(?:\\\\)*\\[^\\n]/.test(help[2])) problem('HELP must be escaped', line);
      families.set(name, { type: typed![2] as Family['type'], help: help[2] });
      continue;
    }
    const sample = SAMPLE.exec(line) ?? problem('a line must be a sample', line);
    const [, full, labels = '', value] = sample;
    const isHistogram = families.get(name)?.type === 'histogram';
    const suffix = full.slice(name.length);
    if (!full.startsWith(name) || !(isHistogram ? /^_(bucket|sum|count)$/ : /^$/).test(suffix)) {
      problem(`a sample must be of the metric before it, ${name}`, line);
    }
    const names = [...labels.matchAll(/([a-zA-Z_]\w*)="/g)].map(([, label]) => label);
    if (new Set(names).size < names.length) problem('a label must stand once', line);
    if (!NUMBER.test(value)) problem('a value must be a number', line);
    const key = labels === '' ? full : `${full}{${labels}}`;
    if (samples.has(key)) problem('a sample must be told once', line);
    samples.set(key, Number(value.replace('Inf', 'Infinity')));
  }
  checkHistograms(families, samples);
  return { families, samples, value: (sample) => samples.get(sample) ?? Number.NaN };
}

/** Buckets must not fall, and the last, which has no bound, must be the count. */
function checkHistograms(
  families: ReadonlyMap<string, Family>,
  samples: ReadonlyMap<string, number>,
): void {
  for (const [name, { type }] of families) {
    if (type !== 'histogram') continue;
    const last = new Map<string, { bound: number; count: number }>();
    for (const [key, count] of samples) {
      if (!key.startsWith(`${name}_bucket{`)) continue;
      const le = /,?le="([^"]*)"/.exec(key) ?? problem('a bucket must have a bound', key);
      const labels = key.slice(name.length + '_bucket'.length).replace(le[0], '');
      const rest = labels === '{}' ? '' : labels;
      const bound = Number(le[1].replace('Inf', 'Infinity'));
      const before = last.get(rest) ?? { bound: Number.NEGATIVE_INFINITY, count: 0 };
      if (!(bound > before.bound) || count < before.count) problem('buckets must rise', key);
      last.set(rest, { bound, count });
    }
    for (const [rest, { bound, count }] of last) {
      if (bound !== Number.POSITIVE_INFINITY) problem('the last bucket must be +Inf', rest);
      if (samples.get(`${name}_count${rest}`) !== count) problem('the count must be that', rest);
      if (!samples.has(`${name}_sum${rest}`)) problem('there must be a sum', rest);
    }
  }
}

function problem(rule: string, given: string): never {
  throw new Error(`${rule}; given: ${given}`);
}
