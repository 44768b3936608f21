import { factOf, type MeasuredFact, type Verdict } from '../core/realism/facts.ts';
import type { InstrumentRealism, MarketRealism } from '../core/realism/report.ts';
import {
  formatNumber,
  formatRange,
  formatSpan,
  formatTime,
  formatValue,
  grouped,
} from './format.ts';
import { correlationPlot } from './matrix.ts';
import { autocorrelationPlot, histogramPlot, hoursPlot, kurtosisPlot } from './plots.ts';
import { REALISM_STYLE } from './style.ts';
import { element, escaped } from './svg.ts';
import { yearsPlot } from './years-plot.ts';

const DAY_MS = 86_400_000;

const MARKS: Readonly<Record<Verdict, string>> = {
  inside: '●',
  below: '▼',
  above: '▲',
  unknown: '–',
};

/** More instruments than these have a matrix as wide as the page, symbols left out on phones. */
const MOST_SMALL = 20;

/** The whole report as one file that asks for no other. */
export function realismHtml(market: MarketRealism): string {
  const sections = market.instruments.map(instrumentSection).join('\n');
  const title = `Realism report of market ${market.marketId}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<style>${REALISM_STYLE}</style>
</head>
<body>
<main>
${header(market)}
${market.instruments.length > 1 ? summary(market) + marketSection(market) : ''}
${sections}
</main>
</body>
</html>
`;
}

function header(market: MarketRealism): string {
  const about: readonly (readonly [string, string])[] = [
    ['Market', market.marketId],
    ['From', formatTime(market.firstMs)],
    ['To', formatTime(market.lastMs)],
    ['Rows', `${grouped(market.rows)}, ${formatSpan(market.intervalMs)} apart`],
    ['Instruments', grouped(market.instruments.length)],
  ];
  const terms = about.map(([term, text]) => `<div><dt>${term}</dt><dd>${escaped(text)}</dd></div>`);
  return `<header>
<span class="badge">Synthetic data</span>
<h1>Realism report</h1>
<p class="lead">These prices were computed, not traded. This is what their returns look like beside
what studies report of real markets. A value outside is not a fault: it is what the model does.</p>
<dl class="about">${terms.join('')}</dl>
</header>`;
}

function summary({ instruments }: MarketRealism): string {
  const rows = instruments.map(({ symbol, name, model, facts }, at) => {
    const known = facts.filter(({ verdict }) => verdict !== 'unknown').length;
    const inside = facts.filter(({ verdict }) => verdict === 'inside').length;
    return `<tr><th scope="row"><a href="#${anchorOf(at)}">${escaped(symbol)}</a></th>
<td class="wide">${escaped(name)}</td><td class="wide">${escaped(model)}</td>
<td class="number">${inside} of ${known}</td>
<td class="marks">${facts.map(markOf).join('')}</td></tr>`;
  });
  return `<section aria-labelledby="summary">
<h2 id="summary">Summary</h2>
<p class="meta">How many of the facts are within what is reported, and each of them in the order of
the tables below: ● within, ▲ above, ▼ below, – not measured. Pale ones are of too little to be
sure.</p>
<div class="card"><table>
<thead><tr><th scope="col">Symbol</th><th scope="col" class="wide">Name</th>
<th scope="col" class="wide">Model</th><th scope="col" class="number">Within</th>
<th scope="col">Facts</th></tr></thead>
<tbody>${rows.join('\n')}</tbody>
</table></div>
</section>`;
}

function markOf({ id, value, verdict, isUncertain }: MeasuredFact): string {
  const words = `${factOf(id).title}: ${formatValue(value)}, ${verdict}`;
  const name = isUncertain ? `${verdict} uncertain` : verdict;
  const attributes = { class: name, title: words, role: 'img', 'aria-label': words };
  return element('span', attributes, MARKS[verdict]);
}

function marketSection(market: MarketRealism): string {
  const { correlations, intervalMs } = market;
  const span = formatSpan(correlations.rows * intervalMs);
  const isLarge = correlations.symbols.length > MOST_SMALL;
  const matrix = correlationPlot(correlations, intervalMs, isLarge ? 900 : 400);
  return `<section aria-labelledby="pairs">
<h2 id="pairs">Together</h2>
<p class="meta">Correlations of returns over ${span}, ${grouped(correlations.count)} of each.</p>
<div class="card">${factsTable(market.facts)}</div>
<div class="card matrix${isLarge ? ' large' : ''}">${matrix}</div>
</section>`;
}

function instrumentSection(of: InstrumentRealism, at: number): string {
  const { symbol, name, model, moments, returns } = of;
  const id = anchorOf(at);
  const unit = returns === 'log' ? '' : ' ticks';
  const meta = [
    `model ${model}`,
    `${grouped(moments.count)} returns over ${formatSpan(of.intervalMs)}`,
    of.of === 'mid' ? 'of the middle of bid and ask' : 'of the last price',
    ...(of.openRows < of.rows ? ['in open hours'] : []),
    returns === 'log' ? 'differences of log prices' : 'differences of prices, some being 0 or less',
    `standard deviation ${formatNumber(moments.deviation)}${unit}`,
    `skewness ${formatNumber(moments.skewness)}`,
  ];
  const plots: readonly (readonly [string, string])[] = [
    ['Distribution of returns', histogramPlot(of)],
    ['Memory', autocorrelationPlot(of)],
    ['Kurtosis by scale', kurtosisPlot(of)],
    ['Course of a day', hoursPlot(of)],
    ...yearsPlots(of),
  ];
  const cards = plots.map(([title, plot]) => `<div class="card"><h3>${title}</h3>${plot}</div>`);
  return `<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${escaped(symbol)}<span>${escaped(name)}</span></h2>
<p class="meta">${escaped(meta.join(' · '))}</p>
${yearsMeta(of)}<div class="card">${factsTable(of.facts)}</div>
<div class="plots">${cards.join('\n')}</div>
</section>`;
}

/** What is to be known of years before their numbers are read. */
function yearsMeta({ years }: InstrumentRealism): string {
  if (years === null || years.days === 0) return '';
  const span = `${formatTime(years.firstMs)} to ${formatTime(years.lastMs)}`;
  const text =
    `${grouped(years.days)} days of business, ${span}, read on a grid of ` +
    `${formatSpan(years.intervalMs)}. A few years of one instrument hold few crises: values ` +
    'marked “may be chance” are often outside in single real markets too.';
  return `<p class="meta">${escaped(text)}</p>\n`;
}

function yearsPlots({ symbol, years }: InstrumentRealism): (readonly [string, string])[] {
  if (years === null || years.days === 0) return [];
  const of = { ...years, symbol, intervalMs: DAY_MS };
  return [
    ['Years', yearsPlot(symbol, years)],
    ['Distribution of daily returns', histogramPlot(of)],
    ['Memory of days', autocorrelationPlot(of)],
  ];
}

function factsTable(facts: readonly MeasuredFact[]): string {
  const rows = facts.map(({ id, value, verdict, reason, isUncertain, ...range }) => {
    const fact = factOf(id);
    const why = reason ?? (isUncertain ? 'may be chance' : undefined);
    const note = why === undefined ? '' : `<small>${escaped(why)}</small>`;
    return `<tr><th scope="row">${escaped(fact.title)}<small>${escaped(fact.meaning)}</small></th>
<td class="number">${formatValue(value)}</td><td class="range">${formatRange(range)}</td>
<td class="verdict ${verdict}">${MARKS[verdict]} ${verdict}${note}</td>
<td class="source">${escaped(fact.source)}<small>${escaped(fact.basis)}</small></td></tr>`;
  });
  return `<table class="facts">
<thead><tr><th scope="col">Fact</th><th scope="col" class="number">Value</th>
<th scope="col">Reported</th><th scope="col">Verdict</th><th scope="col">Source</th></tr></thead>
<tbody>${rows.join('\n')}</tbody>
</table>`;
}

/** By its place and not by its symbol, which may hold any character. */
function anchorOf(at: number): string {
  return `instrument-${at + 1}`;
}
