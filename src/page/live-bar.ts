import { effect, type ReadonlySignal } from '@preact/signals';
import { type AnyCandles, ClientError, subscribeCandles } from '../client/index.ts';
import { TILE_BARS } from './chart/plan.ts';
import type { Bar, LiveWindow } from './chart/window.ts';
import type { Model } from './model.ts';
import { SERVER } from './server.ts';

/** Nobody sees more of a bar that is being made. */
const EVERY_MS = 250;

/**
 * Have the newest bars of the chart follow the market, while somebody looks: the server folds rows
 * into candles, and the stream goes on from the last row that the bars are made of.
 */
export function followBars(model: Model, isVisible: ReadonlySignal<boolean>): void {
  effect(() => {
    const live = model.live.value;
    if (live === undefined || !isVisible.value) return;
    if (isFarBehind(model, live)) {
      model.chart?.reload();
      return;
    }
    return follow(model, live);
  });
}

/** What a question takes, of which a market that is fast makes much. */
const ASKING_MS = 3_000;

/** After a page was hidden for long its bars are had faster by a question. */
function isFarBehind({ stream, market, speed }: Model, { window }: LiveWindow): boolean {
  const headMs = stream.until ?? market.head;
  const soonMs = Math.max(TILE_BARS * window.resolution.ms, ASKING_MS * speed.peek());
  return headMs - window.until > soonMs;
}

/** Follows one window; what is returned ends that. */
function follow(model: Model, { window, column }: LiveWindow): () => void {
  const { market } = model;
  const { resolution, hasVolume } = window;
  const everyMs = Math.floor(EVERY_MS * Math.max(1, model.speed.value));
  const stream = subscribeCandles({
    url: SERVER,
    symbols: [market.instruments[column]!.symbol],
    market: model.marketId.peek(),
    onMarket: (id) => (model.marketId.value = id),
    since: window.until,
    resolution: resolution.text,
    ...resolution.clock,
    fields: hasVolume ? ['volume'] : undefined,
    // Of the market's time, which may go faster than anybody looks.
    every: market.interval < everyMs ? everyMs : undefined,
    onState: ({ kind }) => {
      const isFlowing = kind === 'live' || kind === 'catching up' || kind === 'closed';
      model.areBarsHeldUp.value = !isFlowing;
    },
  });
  model.barStream = stream;
  model.barsRefused.value = undefined;
  const read = async () => {
    try {
      for await (const candles of stream) {
        model.takeBars(window, candles.since, candles.until, barsOf(candles));
      }
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      if (model.barStream === stream) model.barsRefused.value = error.message;
    }
  };
  void read();
  return () => {
    const { gaps, duplicates } = stream.counters;
    model.barMismatches.gaps += gaps;
    model.barMismatches.duplicates += duplicates;
    model.barStream = undefined;
    model.barsRefused.value = undefined;
    stream.close();
  };
}

function barsOf({ time, open, high, low, close, volume }: AnyCandles): Bar[] {
  return time.map((start, n) => ({
    time: start,
    open: open[0]![n]!,
    high: high[0]![n]!,
    low: low[0]![n]!,
    close: close[0]![n]!,
    ...(volume === undefined ? {} : { volume: volume[0]![n]! }),
  }));
}
