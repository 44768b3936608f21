import { FaultyLine } from '../faults/line.tsx';
import type { Model } from '../model.ts';
import faults from '../styles/faults.css?inline';
import market from '../styles/market.css?inline';
import parts from '../styles/market-parts.css?inline';
import marks from '../styles/marks.css?inline';
import { Closings } from './closings.tsx';
import { Marks } from './marks.tsx';
import { MarketPanel } from './panel.tsx';

// It comes with its script: one request less, and the policy allows what a script has made.
const sheet = new CSSStyleSheet();
sheet.replaceSync(market + parts + marks + faults);
document.adoptedStyleSheets.push(sheet);

/** The panel of the market beside the chart, while it is open, and the faulty stream's line. */
export function Market({ model }: { model: Model }) {
  const control = model.control.value;
  if (control === undefined) return null;
  return (
    <>
      {control.isOpen.value && <MarketPanel model={model} control={control} />}
      <FaultyLine model={model} faults={control.faults} />
    </>
  );
}

/** What was done to the instrument, on its chart, and when it stood still. */
export function ChartMarks({ model }: { model: Model }) {
  return (
    <div class="marks">
      <Closings model={model} />
      {model.control.value && <Marks model={model} control={model.control.value} />}
    </div>
  );
}
