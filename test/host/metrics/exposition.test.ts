import { describe, expect, it } from 'vitest';
import {
  type Metric,
  type Readings,
  readAll,
  textOf,
  together,
} from '../../../src/host/metrics/exposition.ts';
import { Metrics } from '../../../src/host/metrics/metrics.ts';
import { parseMetrics } from '../../helpers/exposition.ts';

const scrapeOf = (...all: (readonly Metric[])[]) => parseMetrics(textOf(together(all)));

describe('the text of metrics', () => {
  it('escapes what a label and a help may hold', async () => {
    const strange = 'a"b\\c\nd';
    const metrics = await readAll({ a_total: ['One\nof\\two.', () => [[{ of: strange }, 1]]] });
    expect(textOf(metrics)).toBe(
      '# HELP a_total One\\nof\\\\two.\n# TYPE a_total counter\na_total{of="a\\"b\\\\c\\nd"} 1\n',
    );
    expect(scrapeOf(metrics).samples.size).toBe(1);
  });

  it('has a metric of which there is nothing to tell, without a value', async () => {
    const { families, samples } = scrapeOf(await readAll({ a: ['Nothing yet.', async () => []] }));
    expect([...families]).toEqual([['a', { type: 'gauge', help: 'Nothing yet.' }]]);
    expect(samples.size).toBe(0);
  });
});

describe('the metrics of several processes', () => {
  const readings = (value: number, label: string): Readings => ({
    a_total: ['Added.', () => value],
    b: ['The most.', () => value, 'max'],
    c: ['The least.', () => value, 'min'],
    d: ['The first.', () => value, 'first'],
    e: [
      'Apart.',
      () => [
        [{ of: label }, value],
        [{ of: 'both' }, value],
      ],
    ],
  });

  it('become one: added, the most, the least, the first, and labels of their own apart', async () => {
    const each = await Promise.all([readAll(readings(2, 'x')), readAll(readings(3, 'y'))]);
    // As it goes between processes.
    const sent = JSON.parse(JSON.stringify(each)) as Metric[][];
    const { samples } = scrapeOf(...sent);
    expect(Object.fromEntries(samples)).toEqual({
      ...{ a_total: 5, b: 3, c: 2, d: 2 },
      ...{ 'e{of="x"}': 2, 'e{of="both"}': 5, 'e{of="y"}': 3 },
    });
    expect(sent).toEqual(each);
  });

  it('are those of one where the others have none', async () => {
    const one = await readAll(readings(2, 'x'));
    expect(together([[], one, []])).toEqual(one);
  });

  it('have one histogram, of which each bucket holds all below its bound', async () => {
    const read = async (...seconds: readonly number[]) => {
      const { requests } = new Metrics();
      for (const each of seconds) requests.add('/v1/rows', 'tickwell', 200, each);
      requests.add('/readyz', 'none', seconds.length === 1 ? 503 : 200, 0.001);
      const samples = () => requests.samples();
      return readAll({ a_seconds: ['Times.', samples, 'sum', 'histogram'] });
    };
    const { value, families } = scrapeOf(await read(0.001, 0.002, 20), await read(0.5));
    expect(families.get('a_seconds')?.type).toBe('histogram');
    const rows = 'route="/v1/rows",status="2xx",protocol="tickwell"';
    const buckets = ['0.001', '0.005', '0.025', '0.1', '0.5', '2.5', '10', '+Inf'];
    const counts = buckets.map((le) => value(`a_seconds_bucket{${rows},le="${le}"}`));
    expect(counts).toEqual([1, 2, 2, 2, 3, 3, 3, 4]);
    expect(value(`a_seconds_count{${rows}}`)).toBe(4);
    expect(value(`a_seconds_sum{${rows}}`)).toBeCloseTo(20.503, 9);
    expect(value('a_seconds_count{route="/readyz",status="5xx",protocol="none"}')).toBe(1);
  });
});
