import { describe, expect, it } from 'vitest';
import { finish } from '../../src/core/market/finish.ts';
import { FACTS, OWN_FACTS } from '../../src/core/realism/facts.ts';
import { marketRealism, type RealismInput } from '../../src/core/realism/report.ts';
import { realismHtml } from '../../src/realism/html.ts';
import { correlationPlot } from '../../src/realism/matrix.ts';
import {
  autocorrelationPlot,
  histogramPlot,
  hoursPlot,
  kurtosisPlot,
} from '../../src/realism/plots.ts';
import { element } from '../../src/realism/svg.ts';
import { realismText } from '../../src/realism/text.ts';
import { yearsPlot } from '../../src/realism/years-plot.ts';
import { laplaces, normals, pricesWith } from '../core/realism/samples.ts';

const EVIL = `<b>&"'x`;

function inputOf(symbol: string, ticks: ArrayLike<number>): RealismInput {
  const about = { symbol, name: `Name of ${symbol}`, model: 'gbm', tickSize: 0.01 };
  return { ...about, ticks, intervalMs: 60_000, firstMs: Date.UTC(2026, 0, 1) };
}

/** Two years of days, one of them with a gap. */
const DAYS = Array.from({ length: 520 }, (_, day) => {
  const returns = normals(1000 + day, 26).map((value) => 0.002 * value);
  const openMs = Date.UTC(2026, 0, 1) + day * 86_400_000;
  return { weekday: day % 5, gap: 0.01, returns, openMs, close: 10 + 0.001 * day, volume: day };
});

const RICH = finish(
  marketRealism('0123456789abcdef', [
    {
      ...inputOf('ALPHA', pricesWith(normals(1, 20_000))),
      days: { days: DAYS, yearDays: 260, intervalMs: 900_000 },
    },
    inputOf(EVIL, pricesWith(laplaces(2, 20_000))),
    inputOf('STILL', new Float64Array(20_001).fill(5)),
    inputOf('BELOW', normals(3, 20_001).map(Math.round)),
  ]),
);
const POOR = finish(marketRealism(EVIL, [inputOf(EVIL, [1, 2])]));
const EMPTY = finish(marketRealism('id', []));
const REPORTS = [
  ['a rich one', RICH],
  ['one of two rows', POOR],
  ['one of nothing', EMPTY],
] as const;

const PLOTS = [histogramPlot, autocorrelationPlot, kurtosisPlot, hoursPlot];

/** Whether every element is closed in its order. */
function isBalanced(markup: string): boolean {
  const open: string[] = [];
  const voids = ['meta', 'link', '!doctype'];
  for (const [, slash, name, , self] of markup.matchAll(
    /<(\/?)([\w!]+)((?:\s[^<>"]*(?:"[^"<>]*")?)*?)(\/?)>/g,
  )) {
    if (voids.includes(name) || self) continue;
    if (!slash) open.push(name);
    else if (open.pop() !== name) return false;
  }
  return open.length === 0;
}

describe('an element', () => {
  it('escapes its attributes, and leaves out those without a value', () => {
    const attributes = { title: EVIL, x: 1 / 3, y: undefined };
    expect(element('g', attributes)).toBe('<g title="&lt;b&gt;&amp;&quot;&#39;x" x="0.33"/>');
  });
});

describe('a plot', () => {
  const plots = RICH.instruments.flatMap((of) =>
    PLOTS.flatMap((plot) => [plot(of), plot(of, 800)]),
  );
  plots.push(...POOR.instruments.flatMap((of) => PLOTS.map((plot) => plot(of))));
  plots.push(correlationPlot(RICH.correlations, 60_000));
  plots.push(correlationPlot(POOR.correlations, 60_000));
  const { years } = RICH.instruments[0];
  plots.push(yearsPlot('ALPHA', years!), yearsPlot(EVIL, years!, 800));
  plots.push(yearsPlot('ALPHA', { ...years!, closes: [1], volumes: [1] }));

  it('is an image with a title, and whole', () => {
    for (const plot of plots) {
      expect(plot).toMatch(/^<svg [^>]*role="img"[^>]*><title>[^<]+<\/title>/);
      expect(isBalanced(plot)).toBe(true);
    }
  });

  it('has no invalid number, and nothing left or right of it', () => {
    for (const plot of plots) {
      expect(plot).not.toMatch(/NaN|Infinity|undefined|null/);
      const width = Number(plot.match(/viewBox="0 0 (\d+)/)![1]);
      for (const [, x] of plot.matchAll(/ (?:x|x1|x2|cx)="([^"]+)"/g)) {
        expect(Number(x)).toBeGreaterThanOrEqual(0);
        expect(Number(x)).toBeLessThanOrEqual(width);
      }
    }
  });

  it('takes its colours from where it stands, without a style attribute', () => {
    for (const plot of plots) {
      expect(plot).not.toMatch(/ style=|#[0-9a-f]{3}|rgb\(/);
      expect(plot).toContain('currentColor');
    }
  });

  it('escapes the symbol', () => {
    for (const plot of PLOTS) expect(plot(RICH.instruments[1])).not.toContain('<b>');
    expect(correlationPlot(RICH.correlations, 60_000)).not.toContain('<b>');
  });

  it('says why it is empty', () => {
    for (const plot of PLOTS) expect(plot(POOR.instruments[0])).toContain('not known');
    expect(correlationPlot(POOR.correlations, 60_000)).toContain('no pairs');
  });

  it('has a cell for every pair, and a label for every instrument', () => {
    const plot = correlationPlot(RICH.correlations, 60_000);
    const legend = 9;
    expect(plot.match(/<rect /g)).toHaveLength(6 + legend);
    expect(plot.match(/class="symbol"/g)).toHaveLength(4);
    expect(plot).toContain('ALPHA');
  });
});

describe.each(REPORTS)('the page of %s', (_, report) => {
  const html = realismHtml(report);

  it('asks for nothing from anywhere, and runs nothing', () => {
    const withoutNames = html.replaceAll('xmlns="http://www.w3.org/2000/svg"', '');
    expect(withoutNames).not.toMatch(/https?:|\/\/|<script|<link|<img|src=|url\(|@import| on\w+=/);
    expect(html).not.toContain(' style=');
  });

  it('says first that its data is synthetic', () => {
    expect(html.indexOf('Synthetic data')).toBeGreaterThan(0);
    expect(html.indexOf('Synthetic data')).toBeLessThan(html.indexOf('<h1>'));
  });

  it('escapes every text', () => {
    expect(html).not.toContain('<b>');
    expect(html).not.toContain(EVIL);
    expect(isBalanced(html.replace(/<style>.*<\/style>/s, ''))).toBe(true);
  });

  it('has no invalid number', () => {
    expect(html).not.toMatch(/NaN|Infinity|undefined|\bnull\b/);
  });

  it('has in it what its anchors point to', () => {
    for (const [, id] of html.matchAll(/href="#([^"]+)"/g)) expect(html).toContain(`id="${id}"`);
  });
});

describe('the page', () => {
  const html = realismHtml(RICH);

  it('has each fact of each instrument with its range and source', () => {
    const rows = html.match(/<td class="source">/g);
    expect(rows).toHaveLength(4 * OWN_FACTS.length + (FACTS.length - OWN_FACTS.length));
    expect(html).toContain('at least 0.1');
    expect(html).toContain('2026-01-01 00:00:00 UTC');
  });

  it('has pictures of years, and says of how few', () => {
    for (const title of ['Years', 'Distribution of daily returns', 'Memory of days']) {
      expect(html.match(new RegExp(`<h3>${title}</h3>`, 'g'))).toHaveLength(1);
    }
    expect(html).toContain('520 days of business');
    expect(html).toContain('<small>may be chance</small>');
    expect(html).toContain('<small>no years were asked for</small>');
  });

  it('begins with a summary where there are several instruments, and only there', () => {
    expect(html).toContain('id="summary"');
    expect(realismHtml(POOR)).not.toContain('id="summary"');
  });

  it('says what its numbers are where prices have no logarithm', () => {
    expect(html).toContain('differences of prices, some being 0 or less');
    expect(html).toContain('mean |r|, ticks');
  });

  it('is dark where the reader is', () => {
    expect(html).toContain('prefers-color-scheme: dark');
  });
});

describe('the text', () => {
  it('has a line for each instrument, of equal columns, and one for each fact', () => {
    const lines = realismText(RICH).split('\n');
    expect(lines[0]).toBe('Synthetic data: market 0123456789abcdef');
    expect(lines[3]).toMatch(/^520 days of business, .*: one market, and few years$/);
    expect(lines.slice(6, 10).map((line) => line.slice(0, 5))).toEqual([
      'ALPHA',
      EVIL.slice(0, 5),
      'STILL',
      'BELOW',
    ]);
    expect(lines.filter((line) => / (at |−?\d).*\d$/.test(line)).length).toBeGreaterThanOrEqual(36);
    expect(lines).toContain(
      'no years were asked for: kurt-1h, kurt-1d, skew, tail-1d, large, |r|-1d, |r|-20d, rv-1d, rv-5d,',
    );
    for (const line of lines) expect([...line].length).toBeLessThanOrEqual(110);
  });

  it.each(REPORTS)('of %s has no invalid number', (_, report) => {
    expect(realismText(report)).not.toMatch(/NaN|Infinity|undefined|null/);
  });
});
