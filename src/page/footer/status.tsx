import type { SubscriptionState } from '../../client/index.ts';
import { continuityText } from '../continuity.ts';
import { GlobeIcon } from '../icons.tsx';
import type { Model } from '../model.ts';
import { formatAge, formatTime } from '../time/format.ts';
import { zoneName } from '../time/zone.ts';
import { Attribution } from './attribution.tsx';

/** The names of connection states, as people read them. */
export const STATE_NAMES: Readonly<Record<SubscriptionState['kind'], string>> = {
  connecting: 'Connecting',
  live: 'Live',
  stale: 'Stale',
  reconnecting: 'Reconnecting',
  'catching up': 'Catching up',
  offline: 'Offline',
  refused: 'Error',
  closed: 'Closed',
};

/** The status bar: how fresh and how complete the prices are. */
export function StatusBar({ model }: { model: Model }) {
  const state = model.connection.value;
  const isLive = state.kind === 'live';
  const lag = model.lagMs.value;
  const rate = model.ticksPerSecond.value;
  const continuity = continuityText(model);
  const audit = model.audit.value;
  // The age is read anew with every second of the server's clock.
  const serverMs = model.serverMs.value;
  const zone = model.zone.value;
  const speed = model.speed.value;
  const Pace = model.later.value?.Pace;
  return (
    <footer class="status" data-state={state.kind} inert={model.isListOpen.value}>
      <span class="status-state" role="status">
        <i class="dot" aria-hidden="true" />
        <b title={'reason' in state ? state.reason.message : undefined}>
          {STATE_NAMES[state.kind]}
        </b>
        {model.stream.transport === 'events' && (
          <span
            class="status-transport"
            title="No WebSocket gets through: prices come as server-sent events"
          >
            over HTTP
          </span>
        )}
      </span>
      <span>
        Lag <b>{isLive && speed > 0 && lag !== undefined ? `${Math.round(lag)} ms` : '—'}</b>
      </span>
      <span
        class="not-phone"
        title="Prices that arrive here: those in view, or all while they sort"
      >
        Ticks <b>{isLive && rate !== undefined ? `${shortRate(rate)}/s` : '—'}</b>
      </span>
      <button
        type="button"
        class="status-button"
        title="How this is known"
        onClick={() => (model.dialog.value = 'continuity')}
      >
        <span class="not-phone">Continuity </span>
        <b class={continuity.isGood ? 'is-good' : ''}>{continuity.text}</b>
        {audit !== undefined && (
          <span class="not-phone"> checked {formatAge(performance.now() - audit.atMs)}</span>
        )}
      </button>
      <span class="status-gap" />
      {model.market.synthetic && (
        <span
          class="status-synthetic"
          title="Computed prices: none is real, and none follows a real one"
        >
          Synthetic data
        </span>
      )}
      <button
        type="button"
        class="status-button not-phone"
        title={zoneHint(model)}
        onClick={() => model.later.peek()?.toggleZone(model)}
      >
        <GlobeIcon />
        {zoneName(zone, serverMs)}
      </button>
      <span>
        <span class="not-phone">Server </span>
        <b>{formatTime(zone, serverMs, 1000)}</b>
      </span>
      {Pace && <Pace model={model} />}
      <Attribution />
    </footer>
  );
}

function zoneHint({ zone, otherZone }: Model): string {
  const { text } = zone.value;
  return `Switch between UTC and ${text === 'utc' ? otherZone : text} time (U)`;
}

function shortRate(rate: number): string {
  return rate >= 10 ? Math.round(rate).toLocaleString('en') : String(Number(rate.toPrecision(2)));
}
