import { STATE_NAMES } from '../footer/status.tsx';
import { CloseIcon } from '../icons.tsx';
import type { Model } from '../model.ts';
import type { Faults } from './faults.ts';

/** How the faulty stream stands, below how the healthy one does. */
export function FaultyLine({ model, faults }: { model: Model; faults: Faults }) {
  const running = faults.running.value;
  if (running === undefined) return null;
  const { label, faultSeed, symbol } = running.choice;
  const { state, counters, lagMs, found } = running.standing.value;
  const isLive = state.kind === 'live' && model.speed.value > 0;
  const repaired = counters.gaps + counters.duplicates;
  const count = (value: number) => value.toLocaleString('en');
  return (
    <section
      class="status faulty"
      aria-label="Faulty stream"
      data-state={state.kind}
      inert={model.isListOpen.value}
    >
      <span class="status-state">
        <i class="dot" aria-hidden="true" />
        <b title={'reason' in state ? state.reason.message : undefined}>
          {STATE_NAMES[state.kind]}
        </b>
      </span>
      <span>
        Lag <b>{isLive && lagMs !== undefined ? `${Math.round(lagMs)} ms` : '—'}</b>
      </span>
      <span class="not-phone">
        Rows <b>{count(counters.rows)}</b>
      </span>
      <button
        type="button"
        class="status-button"
        title="Gaps and duplicates that the client has found, and asked for again"
        onClick={() => (model.dialog.value = 'continuity')}
      >
        <b class={repaired > 0 ? 'is-warned' : ''}>{count(repaired)} repaired</b>
      </button>
      <span title="Connections made after the first">
        <span class="not-phone">Reconnects </span>
        <b class={counters.reconnects > 0 ? 'is-warned' : ''}>
          <span class="phone-only">↻ </span>
          {count(counters.reconnects)}
        </b>
      </span>
      <span title={`Of ${count(found.compared)} rows: what cannot be told from a true price`}>
        Wrong <b class={found.wrong > 0 ? 'is-warned' : ''}>{count(found.wrong)}</b>
      </span>
      <span class="status-gap" />
      <span class="faulty-what">
        {symbol}, {label}, seed {faultSeed}
      </span>
      <button
        type="button"
        class="status-button"
        aria-label="Stop the faulty stream"
        title="Stop the faulty stream"
        onClick={() => faults.stop()}
      >
        <CloseIcon />
      </button>
    </section>
  );
}
