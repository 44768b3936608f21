/** The style sheet of the report. Plots need only the part that begins with `.plot`. */
export const REALISM_STYLE = `
:root {
  color-scheme: light;
  --background: #f3f5f8;
  --panel: #ffffff;
  --line: #e1e6ec;
  --text-1: #10161d;
  --text-2: #4b5865;
  --text-3: #5c6874;
  --series-a: #0b6bcb;
  --series-b: #b35c00;
  --good: #0a7853;
  --off: #9a6200;
}
@media (prefers-color-scheme: dark) {
  :root {
    color-scheme: dark;
    --background: #0a0d11;
    --panel: #0f1318;
    --line: #1f262f;
    --text-1: #e8ecf1;
    --text-2: #a3aeba;
    --text-3: #7c8896;
    --series-a: #4aa8ff;
    --series-b: #f0a04b;
    --good: #2fc28f;
    --off: #f0b13c;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0;
  background: var(--background);
  color: var(--text-1);
  font: 15px/1.5 Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial,
    sans-serif;
}
main { max-width: 1200px; margin: 0 auto; padding: 40px 20px 80px; }
h1 { margin: 14px 0 6px; font-size: 30px; line-height: 1.2; letter-spacing: -0.02em; }
h2 { margin: 0; font-size: 20px; line-height: 1.3; letter-spacing: -0.01em; }
h2 span { margin-left: 8px; color: var(--text-2); font-weight: 400; }
h3 { margin: 0 0 10px; font-size: 14px; font-weight: 600; }
p { margin: 0; }
a { color: var(--series-a); text-decoration: none; }
a:hover { text-decoration: underline; }
.badge {
  display: inline-block;
  padding: 3px 10px;
  border: 1px solid currentColor;
  border-radius: 6px;
  color: var(--off);
  font-size: 13px;
  font-weight: 600;
}
.lead { max-width: 68ch; color: var(--text-2); }
.about { display: flex; flex-wrap: wrap; gap: 14px 32px; margin: 22px 0 0; }
.about div { min-width: 0; }
dt { color: var(--text-3); font-size: 13px; }
dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
section { margin-top: 44px; scroll-margin-top: 16px; }
.meta { margin: 2px 0 16px; color: var(--text-2); font-size: 14px; }
.card {
  min-width: 0;
  padding: 18px 20px;
  border: 1px solid var(--line);
  border-radius: 10px;
  background: var(--panel);
}
.plots { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 14px; }
.plots { margin-top: 14px; }
@media (max-width: 720px) { .plots { grid-template-columns: minmax(0, 1fr); } }
.plots .plot { max-width: 520px; margin: 0 auto; }
.matrix { margin-top: 14px; max-width: 560px; }
.matrix.large { max-width: none; }
.matrix.large .plot { max-width: 1000px; margin: 0 auto; }
table { width: 100%; border-collapse: collapse; font-size: 14px; }
th { color: var(--text-3); font-size: 13px; font-weight: 500; text-align: left; }
th, td { padding: 9px 16px 9px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
tbody tr:last-child > * { border-bottom: 0; padding-bottom: 0; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.range { white-space: nowrap; font-variant-numeric: tabular-nums; color: var(--text-2); }
tbody th { color: inherit; font-size: inherit; }
small { display: block; color: var(--text-3); font-size: 13px; font-weight: 400; }
.source { color: var(--text-2); font-size: 13px; line-height: 1.45; max-width: 40ch; }
.verdict { white-space: nowrap; color: var(--text-3); }
.verdict small { max-width: 16ch; white-space: normal; }
.uncertain { opacity: 0.6; }
.inside { color: var(--good); }
.below, .above { color: var(--off); }
.unknown { color: var(--text-3); }
.marks { white-space: nowrap; font-size: 12px; line-height: 1.8; }
.marks span { display: inline-block; width: 1.45em; text-align: center; }
.note { margin-top: 14px; color: var(--text-3); font-size: 13px; max-width: 80ch; }
@media (max-width: 720px) {
  main { padding: 24px 12px 56px; }
  h1 { font-size: 25px; }
  .card { padding: 14px; }
  .marks span { width: 1em; }
  .large .symbol { display: none; }
  .wide { display: none; }
  .facts thead { position: absolute; width: 1px; height: 1px; }
  .facts thead { overflow: hidden; clip-path: inset(50%); }
  .facts, .facts tbody { display: block; }
  .facts tr { display: grid; grid-template-columns: 1fr auto; gap: 2px 16px; padding: 12px 0; }
  .facts tr { border-bottom: 1px solid var(--line); }
  .facts tr:last-child { border-bottom: 0; padding-bottom: 0; }
  .facts tr:first-child { padding-top: 0; }
  .facts th, .facts td { padding: 0; border: 0; text-align: left; }
  .facts .number { grid-column: 2; grid-row: 1; text-align: right; }
  .facts .verdict { grid-column: 2; grid-row: 2; text-align: right; }
  .facts .range { grid-column: 1; grid-row: 2; }
  .facts .range::before { content: "reported "; color: var(--text-3); }
  .facts .source { grid-column: 1 / -1; max-width: none; }
}
@media print { .card, section { break-inside: avoid; } }
.plot { display: block; width: 100%; height: auto; color: var(--text-2); }
.plot .caption { fill: var(--text-3); }
.plot .series-a { stroke: var(--series-a); }
.plot .series-b { stroke: var(--series-b); }
.plot .reference { stroke: var(--text-2); }
.plot .fill-a, .plot .bar, .plot .dot-a, .plot .positive { fill: var(--series-a); }
.plot .negative { fill: var(--series-b); }
.plot .bar { fill-opacity: 0.75; }
.plot .band-key { fill-opacity: 0.22; }
.plot .volume { fill: var(--text-3); fill-opacity: 0.55; }
.plot .symbol { fill: var(--text-1); }
.plot .number-on { fill: var(--panel); }
.plot .number { fill: var(--text-1); }
`.trim();
