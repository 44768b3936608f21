import type { SubscriptionCounters, SubscriptionState, Transport } from '../client/index.ts';
import { isDrawn } from './chart/drawn.ts';
import { barsInView } from './chart/reading.ts';
import type { Bar } from './chart/window.ts';
import type { Model } from './model.ts';

/** `window.tickwell`: what the page knows, for tests and for the curious. Read-only. */
interface Debug {
  readonly state: SubscriptionState['kind'];
  readonly transport: Transport;
  readonly counters: SubscriptionCounters;
  readonly audit: object | undefined;
  readonly symbol: string;
  readonly resolution: string;
  /** The instruments whose prices the stream brings. */
  readonly subscribed: readonly string[];
  /** The bars in view; prices in ticks. */
  readonly barsInView: readonly Bar[];
  /** Whether the picture shows exactly these. */
  readonly isDrawn: boolean;
  /** All bars that the chart holds. */
  readonly bars: readonly Bar[];
  /** The edges of the view in bar numbers. */
  readonly view: { readonly left: number; readonly right: number };
  /** Whether the bars asked for are there, and what is asked for has been painted. */
  readonly isReady: boolean;
  readonly isPainted: boolean;
  /** Whether bars beside the view are being fetched. */
  readonly edge: string;
  readonly isLive: boolean;
  /** The newest offers of the chosen instrument, in ticks, while they are shown. */
  readonly sides: { readonly bid: number; readonly ask: number } | undefined;
  readonly hasVolume: boolean;
  /** Time of the last row that the newest bar is made of. */
  readonly until: number;
  /** The same of the prices in the list. */
  readonly pricesUntil: number;
  /** Which part of bars that take long is there. */
  readonly progress: number | undefined;
  /** Whether the newest price has a line and a tag. */
  readonly hasPriceLine: boolean;
  /** Pixels that the price axis takes of the chart. */
  readonly axisWidthPx: number;
  /** Whether this page may have things done to the market, as far as it knows by now. */
  readonly mayControl: boolean;
  /** The left edge of the view in every frame that was painted, newest last. */
  readonly paintedLeft: readonly number[];
}

declare global {
  interface Window {
    tickwell?: Debug;
  }
}

export function exposeDebug(model: Model): void {
  window.tickwell = {
    get state() {
      return model.connection.peek().kind;
    },
    get transport() {
      return model.stream.transport;
    },
    get counters() {
      return model.counters.peek();
    },
    get audit() {
      return model.audit.peek();
    },
    get symbol() {
      return model.instrument.peek().symbol;
    },
    get resolution() {
      return model.resolution.peek().text;
    },
    get subscribed() {
      return model.following.symbols;
    },
    get barsInView() {
      return model.chart ? barsInView(model.chart) : [];
    },
    get isDrawn() {
      const { chart } = model;
      if (chart === undefined) return false;
      return barsInView(chart).every((bar) => isDrawn(chart, bar));
    },
    get bars() {
      return [...(model.chart?.window.bars ?? [])];
    },
    get view() {
      return model.chart?.pane.view ?? { left: 0, right: 0 };
    },
    get isReady() {
      return model.chart?.isReady ?? false;
    },
    get isPainted() {
      const { chart } = model;
      return chart !== undefined && chart.paintedLeft.length > 0 && !chart.pane.isPlaced;
    },
    get edge() {
      return model.chart?.edges.state.peek() ?? 'idle';
    },
    get isLive() {
      return model.chart?.isLive ?? false;
    },
    get sides() {
      return model.sides.peek();
    },
    get hasVolume() {
      return model.hasVolume.peek();
    },
    get until() {
      return model.chart?.window.until ?? 0;
    },
    get pricesUntil() {
      return model.stream.until ?? 0;
    },
    get progress() {
      return model.chart?.progress.peek();
    },
    get hasPriceLine() {
      return model.chart?.pane.hasPriceLine ?? false;
    },
    get axisWidthPx() {
      return model.chart?.axisWidthPx.peek() ?? 0;
    },
    get mayControl() {
      return model.control.peek()?.isAllowed.peek() === true;
    },
    get paintedLeft() {
      return [...(model.chart?.paintedLeft ?? [])];
    },
  };
}
