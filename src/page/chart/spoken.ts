import type { Model } from '../model.ts';
import { formatNumber, formatPrice } from '../price.ts';
import { formatBarTime } from '../time/format.ts';
import { barAt } from '../time/resolution.ts';
import { nudge } from './place.ts';
import { barsInView } from './reading.ts';
import { type Bar, isEmpty } from './window.ts';

/** What a window ends with, on either side. */
const END = { time: 0, open: 0, high: 0, low: 0, close: 0 };

/** Reads the chart bar by bar, aloud. */
export class Reader {
  readonly #model: Model;
  /** The bar that was read last. */
  #bar: number | undefined;

  constructor(model: Model) {
    this.#model = model;
  }

  /** Reads the bar so many bars after the last one; the first time from an end of the view. */
  read(step: number): void {
    const { chart, resolution } = this.#model;
    const inView = chart ? barsInView(chart) : [];
    const [first, last] = [inView[0], inView.at(-1)];
    if (chart === undefined || first === undefined || last === undefined) return;
    const width = resolution.peek();
    const [from, to] = [barAt(width, first.time), barAt(width, last.time)];
    // It may be of another resolution, or gone.
    if (chart.window.at(this.#bar ?? Number.NaN) === undefined) this.#bar = undefined;
    const wanted = this.#pastEmpty(step) ?? (this.#bar ?? (step < 0 ? to + 1 : from - 1)) + step;
    if (wanted < from || wanted > to) nudge(chart, wanted < from ? wanted - from : wanted - to);
    const { first: oldest, end } = chart.window;
    const reached = Math.max(oldest, Math.min(end - 1, wanted));
    const found = chart.window.at(reached);
    if (found === undefined) return;
    this.#bar = reached;
    chart.pane.point(isEmpty(found) ? undefined : found);
    if (isEmpty(found)) this.#model.spoken.value = `${this.#when(found)}: no prices`;
    else this.#say(found);
  }

  /** From a bar without prices to the next that has some: nobody reads a night bar by bar. */
  #pastEmpty(step: number): number | undefined {
    const { window } = this.#model.chart!;
    const isEmptyAt = (at: number) => isEmpty(window.at(at) ?? END);
    let bar = this.#bar ?? Number.NaN;
    if (!isEmptyAt(bar)) return undefined;
    while (isEmptyAt(bar)) bar += Math.sign(step);
    return bar;
  }

  /** The next reading begins at an end of the view again. */
  leave(): void {
    if (this.#bar === undefined) return;
    this.#bar = undefined;
    this.#model.chart?.pane.point(undefined);
  }

  #when({ time }: Bar): string {
    const { zone, resolution } = this.#model;
    return formatBarTime(zone.peek(), time, resolution.peek());
  }

  #say(bar: Bar): void {
    const { open, high, low, close, volume } = bar;
    const { instrument, hasVolume, spoken } = this.#model;
    const price = (ticks: number) => formatPrice(ticks, instrument.peek());
    const range = `high ${price(high)}, low ${price(low)}`;
    const isTold = hasVolume.peek() && volume !== undefined;
    const traded = isTold ? `, volume ${formatNumber(volume, 0)}` : '';
    const when = this.#when(bar);
    spoken.value = `${when}: open ${price(open)}, ${range}, close ${price(close)}${traded}`;
  }
}
