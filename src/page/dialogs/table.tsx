import { useMemo } from 'preact/hooks';
import { barsInView } from '../chart/reading.ts';
import { copyText } from '../copy.ts';
import type { Model } from '../model.ts';
import { formatNumber, formatPrice } from '../price.ts';
import { formatBarTime } from '../time/format.ts';
import { zoneTitle } from '../time/zone.ts';
import { toCsv } from './csv.ts';
import { Dialog } from './dialog.tsx';

/** More rows than this are no longer a table that anyone reads; the copy has them all. */
const MOST_ROWS = 500;

/** The bars in view as text: what the chart says to those who cannot see it. */
export function DataTable({ model, close }: { model: Model; close: () => void }) {
  const { chart } = model;
  const phase = chart?.phase.value;
  // As they were when it was opened, or when they came.
  const bars = useMemo(() => (chart ? [...barsInView(chart)] : []).reverse(), [chart, phase]);
  const instrument = model.instrument.peek();
  const resolution = model.resolution.peek();
  const zone = model.zone.value;
  const hasVolume = model.hasVolume.peek();
  const price = (ticks: number) => formatPrice(ticks, instrument);
  return (
    <Dialog
      model={model}
      title={`${instrument.symbol}, ${resolution.text} bars in view`}
      className="table-dialog"
      close={close}
      actions={
        <button
          type="button"
          class="button"
          onClick={() =>
            void copyText(
              model,
              toCsv(bars.toReversed(), instrument, zone, hasVolume),
              `${bars.length} bars copied.`,
            )
          }
        >
          Copy as CSV
        </button>
      }
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by key */}
      <section class="table-scroll" tabIndex={0} aria-label="Bars">
        <table>
          <thead>
            <tr>
              <th scope="col">Time ({zoneTitle(zone)})</th>
              <th scope="col">Open</th>
              <th scope="col">High</th>
              <th scope="col">Low</th>
              <th scope="col">Close</th>
              {hasVolume && <th scope="col">Volume</th>}
            </tr>
          </thead>
          <tbody>
            {bars.slice(0, MOST_ROWS).map(({ time, open, high, low, close, volume }) => (
              <tr key={time}>
                <th scope="row">{formatBarTime(zone, time, resolution)}</th>
                <td>{price(open)}</td>
                <td>{price(high)}</td>
                <td>{price(low)}</td>
                <td>{price(close)}</td>
                {hasVolume && <td>{volume === undefined ? '—' : formatNumber(volume, 0)}</td>}
              </tr>
            ))}
          </tbody>
        </table>
        {bars.length === 0 && <p>There are no bars yet.</p>}
        {bars.length > MOST_ROWS && (
          <p>
            The newest {MOST_ROWS} of them. The copy has all {bars.length}.
          </p>
        )}
      </section>
    </Dialog>
  );
}
