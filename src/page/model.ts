import { batch, computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import {
  ClientError,
  type InstrumentInfo,
  type MarketInfo,
  type Subscription,
  type SubscriptionCounters,
  type SubscriptionState,
  subscribe,
} from '../client/index.ts';
import type { ChartController } from './chart/controller.ts';
import type { ChartType } from './chart/series.ts';
import type { Bar, BarWindow, LiveWindow } from './chart/window.ts';
import { Columns, FOLLOWED, type FollowedRows } from './columns.ts';
import type { Audit } from './continuity.ts';
import type { Control } from './control/control.ts';
import type { Sides } from './details.ts';
import { Following } from './following.ts';
import { fetchLines } from './lines.ts';
import { type Later, loadLater } from './load-later.ts';
import { hasSidesRoom } from './matching.ts';
import { Prices } from './prices.ts';
import { Rate } from './rate.ts';
import { SERVER } from './server.ts';
import type { DialogName, PopoverName, Quote, Toast } from './shown.ts';
import { ThemeChoice } from './theme.ts';
import type { Nights } from './time/nights.ts';
import type { Cut } from './time/resolution.ts';
import type { ShownZone } from './time/zone.ts';
import type { UrlState } from './url.ts';
import { isLively, viewOf } from './view.ts';

/** Everything the page knows and shows. Signals change at most once per painted frame. */
export class Model {
  readonly market: MarketInfo;
  readonly prices: Prices;
  readonly stream: Subscription<typeof FOLLOWED>;
  readonly following: Following;
  readonly themes: ThemeChoice;
  readonly connection: Signal<SubscriptionState>;
  readonly counters: Signal<SubscriptionCounters>;
  /** Time from a row being due to its arrival, by our clock; undefined before the first. */
  readonly lagMs = signal<number | undefined>(undefined);
  /** The market's time, in whole seconds, and how fast that goes. */
  readonly serverMs: Signal<number>;
  readonly speed: Signal<number>;
  /** Prices that arrive in a second; undefined before there is anything to tell from. */
  readonly ticksPerSecond = signal<number | undefined>(undefined);
  /** Goes up when the prices of all instruments have come to be known. */
  readonly marketKnown = signal(0);
  readonly audit = signal<Audit | undefined>(undefined);

  readonly column: Signal<number>;
  /** How wide bars are, as people write it. */
  readonly width: Signal<string>;
  /** The same, as the clock of the zone cuts it. */
  readonly resolution: ReadonlySignal<Cut>;
  /** Whether it shows when an instrument is closed; undefined if none ever is. */
  readonly nights: Nights | undefined;
  /** What was asked for; undefined lets the resolution decide. */
  readonly chosenType: Signal<ChartType | undefined>;
  readonly chartType: ReadonlySignal<ChartType>;
  /** The same of whether volumes are shown; undefined lets the market decide. */
  readonly chosenVolume: Signal<boolean | undefined>;
  readonly hasVolume: ReadonlySignal<boolean>;
  readonly instrument: ReadonlySignal<InstrumentInfo>;
  readonly zone: Signal<ShownZone>;
  /** The one that comes next when UTC is left. */
  otherZone = 'local';
  /** Of the chosen instrument: its price, and whether it trades. */
  readonly quote = signal<Quote>({ lastTicks: Number.NaN, baseTicks: Number.NaN });
  readonly status = signal(0);

  /** The bars that the stream of candles is wanted for. */
  readonly live = signal<LiveWindow | undefined>(undefined);
  /** Whether that stream does not flow, and why not if the server will bring none at all. */
  readonly areBarsHeldUp = signal(false);
  readonly barsRefused = signal<string | undefined>(undefined);
  /** That stream, and what was wrong with those before it. */
  barStream: Pick<Subscription, 'counters' | 'retry'> | undefined;
  readonly barMismatches = { gaps: 0, duplicates: 0 };
  /** Whether there is room for the offers, and what they are. */
  readonly hasSides: Signal<boolean>;
  readonly sides = signal<Sides | undefined>(undefined);

  /** The market id of what comes next: another one once something was done to the market. */
  readonly marketId: Signal<string>;
  /** What is done to it, where this page may have that. */
  readonly control = signal<Control | undefined>(undefined);

  /** What the page can begin without, once it is there. */
  readonly later = signal<Later | undefined>(undefined);
  readonly dialog = signal<DialogName | undefined>(undefined);
  readonly popover = signal<PopoverName | undefined>(undefined);
  /** Whether what is done to the market is shown over all but the footer, as on a phone. */
  readonly isCovered = signal(false);
  /** On a phone the list covers the chart while it is open. */
  readonly isListOpen = signal(false);
  readonly toast = signal<Toast | undefined>(undefined);
  /** What was asked for and cannot be shown, until somebody has read it. */
  readonly problems = signal<readonly string[]>([]);
  /** The query of the address as it was opened, or gone back to. */
  readonly asked = signal(location.search);
  /** What a screen reader is told; only ever the answer to a key. */
  readonly spoken = signal('');

  /** Set once the chart has an element to draw into. */
  chart: ChartController | undefined;
  /** Called in every frame in which prices may have changed. */
  onPrices: () => void = () => {};
  focusSearch: () => void = () => {};
  /** Choose the instrument so many places down the list; one of many, while a key is held. */
  step: (places: number, isOneOfMany: boolean) => void = () => {};

  /** Prices that were missed while there was no connection, and came afterwards. */
  restoredTicks = 0;

  readonly #columns: Columns;
  readonly #rate = new Rate();
  #frame = 0;
  #restoredRows = 0;
  #announcedTicks = 0;
  #sides: Sides | undefined;

  constructor(market: MarketInfo, url: UrlState, zone: ShownZone, nights?: Nights) {
    this.market = market;
    this.prices = new Prices(market.instruments.length);
    this.themes = new ThemeChoice(url.theme);
    const view = viewOf(url, market);
    this.column = signal(view.column);
    this.width = signal(view.width);
    this.zone = signal(zone);
    this.nights = nights;
    this.resolution = computed(() => {
      const all = this.zone.value.cut(this.width.value)!;
      return nights?.cut(all, this.instrument.value) ?? all;
    });
    this.chosenType = signal(url.type);
    this.chartType = computed(
      () =>
        this.chosenType.value ??
        (this.resolution.value.ms === market.interval ? 'line' : 'candles'),
    );
    this.chosenVolume = signal(url.volume);
    this.hasVolume = computed(() => this.chosenVolume.value ?? isLively(market));
    this.instrument = computed(() => market.instruments[this.column.value]!);
    this.marketId = signal(market.market);
    this.serverMs = signal(market.now);
    this.speed = signal(market.speed);

    this.#columns = new Columns(market.instruments);
    this.stream = subscribe({
      url: SERVER,
      symbols: [this.instrument.peek().symbol],
      fields: FOLLOWED,
      market: market.market,
      since: market.head,
      onMarket: (id) => (this.marketId.value = id),
      onState: (state) => this.#enter(state),
    });
    this.connection = signal(this.stream.state);
    this.counters = signal(this.stream.counters);
    this.following = new Following({
      ...{ instruments: market.instruments, prices: this.prices },
      chosen: this.column.peek(),
      select: (symbols) => {
        this.#rate.clear();
        this.stream.select(symbols);
      },
      nowMs: () => this.stream.serverNowMs() ?? market.now,
      fetchLines: (query) => fetchLines(this, query),
      onKnown: (isMarket) => {
        if (isMarket) this.marketKnown.value += 1;
        this.#schedule();
      },
    });
    this.column.subscribe((column) => this.following.choose(column));
    this.hasSides = hasSidesRoom();
  }

  /** Bars of the stream, as of the row at `until`. */
  takeBars(window: BarWindow, since: number, until: number, bars: readonly Bar[]): void {
    this.chart?.takeBars(window, since, until, bars);
    this.#schedule();
  }

  takeSides(sides: Sides | undefined): void {
    this.#sides = sides;
    this.#schedule();
  }

  start(): void {
    void this.#follow();
    setInterval(() => this.#tick(), 250);
  }

  /** Connect anew at once, because somebody has asked for it. */
  retry(): void {
    this.stream.retry();
    this.barStream?.retry();
  }

  note(text: string, kind: Toast['kind'] = 'note'): void {
    this.toast.value = { text, kind };
  }

  /** Whether the prices on the page are as old as the last frame. */
  get isFrozen(): boolean {
    const { kind } = this.connection.value;
    return kind !== 'live' && kind !== 'catching up' && kind !== 'connecting';
  }

  async #follow(): Promise<void> {
    try {
      for await (const rows of this.stream) this.#takeRows(rows);
    } catch (error) {
      // Refused for good: the connection's state has said so.
      if (!(error instanceof ClientError)) throw error;
    }
  }

  #takeRows(rows: FollowedRows): void {
    const found = this.#columns.read(rows);
    this.prices.takeRows(found);
    this.chart?.advance(rows.until);
    const { length } = rows.symbols;
    const count = Math.round((rows.until - rows.since) / rows.interval);
    this.#rate.add(performance.now(), length * count);
    const { rowsRestored } = this.stream.counters;
    this.restoredTicks += (rowsRestored - this.#restoredRows) * length;
    this.#restoredRows = rowsRestored;
    if (this.connection.peek().kind === 'live') this.#announce();
    const nowMs = this.stream.serverNowMs();
    const { speed } = this.stream;
    if (speed > 0 && rows.lag === 0) this.lagMs.value = Math.max(0, (nowMs! - rows.until) / speed);
    this.#schedule();
  }

  #enter(state: SubscriptionState): void {
    this.connection.value = state;
    this.counters.value = this.#allCounters();
    // What could not be had without a server can be had now.
    const isFailed = this.chart?.phase.peek().kind === 'failed';
    if (state.kind === 'live' && isFailed) this.chart?.retry();
    // The server is there: what else waits for it need not.
    if (state.kind === 'live' && this.areBarsHeldUp.peek()) this.barStream?.retry();
    if (state.kind === 'live') void loadLater(this);
  }

  /** Live again: say what that has brought. */
  #announce(): void {
    const restored = this.restoredTicks - this.#announcedTicks;
    if (restored === 0) return;
    this.#announcedTicks = this.restoredTicks;
    this.note(`Live again: ${restored.toLocaleString('en')} missed ticks restored.`, 'good');
    this.following.refresh();
  }

  #tick(): void {
    const nowMs = this.stream.serverNowMs();
    if (nowMs !== undefined) this.serverMs.value = Math.floor(nowMs / 1000) * 1000;
    this.speed.value = this.stream.speed;
    const { perSecond } = this.#rate;
    // No finer than it is shown: what does not change is not drawn again.
    this.ticksPerSecond.value = perSecond && Math.round(perSecond * 10) / 10;
    if (document.visibilityState === 'visible') this.#schedule();
  }

  /** Those of both streams, as far as they tell of what was refused. */
  #allCounters(): SubscriptionCounters {
    const { counters } = this.stream;
    const bars = this.barStream?.counters;
    const gaps = counters.gaps + this.barMismatches.gaps + (bars?.gaps ?? 0);
    const duplicates =
      counters.duplicates + this.barMismatches.duplicates + (bars?.duplicates ?? 0);
    return { ...counters, gaps, duplicates };
  }

  #schedule(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      batch(() => this.#paint());
    });
  }

  #paint(): void {
    this.counters.value = this.#allCounters();
    const column = this.column.peek();
    const lastTicks = this.prices.last[column]!;
    const baseTicks = this.prices.base[column]!;
    const before = this.quote.peek();
    if (!Object.is(lastTicks, before.lastTicks) || !Object.is(baseTicks, before.baseTicks)) {
      this.quote.value = { lastTicks, baseTicks };
    }
    this.status.value = this.prices.status[column]!;
    this.sides.value = this.#sides;
    this.chart?.paint();
    this.onPrices();
  }
}
