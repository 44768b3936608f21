import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { inSingleQuotes } from '../control/command.ts';
import { copyText } from '../copy.ts';
import { CopyIcon } from '../later-icons.tsx';
import type { Model } from '../model.ts';
import { formatTime } from '../time/format.ts';
import type { Faults } from './faults.ts';
import type { FaultyStream } from './faulty-stream.ts';
import { faultyUrl, type Offered } from './request.ts';

/** Of the list of profiles: clauses are typed instead. */
const OWN = '';

/** A faulty stream is chosen and begun; what is done to it, and what its client did. */
export function FaultsPart({ model, faults }: { model: Model; faults: Faults }) {
  const offered = faults.offered.value;
  useEffect(() => void faults.look(), []);
  return (
    <section class="market-part" aria-label="Faults">
      <div class="market-row">
        <h3>Faults</h3>
        <span>on a second stream, which is not drawn</span>
      </div>
      {offered?.isOff === true && (
        <p>This server was started with --no-faults: nobody may ask it for any.</p>
      )}
      {offered?.isOff === false && <Choosing model={model} faults={faults} offered={offered} />}
      <p class="field-problem" role="alert">
        {faults.problem.value}
      </p>
      {faults.running.value && <Strikes model={model} running={faults.running.value} />}
    </section>
  );
}

function Choosing({ model, faults, offered }: { model: Model; faults: Faults; offered: Offered }) {
  const name = useSignal(offered.profiles[0]?.name ?? OWN);
  const clauses = useSignal('drop@1%,cut@30s');
  const seed = useSignal('1');
  const running = faults.running.value;
  const profile = name.value === OWN ? clauses.value : name.value;
  const chosen = offered.profiles.find((one) => one.name === name.value);
  const { symbol } = model.instrument.value;
  const url = new URL('v1/events', faultyUrl(profile, seed.value));
  url.search = `symbols=${encodeURIComponent(symbol)}&since=now`;
  const text = `curl -N ${inSingleQuotes(url.href)}`;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void faults.start(profile.trim(), seed.peek().trim());
      }}
    >
      <div class="faults-fields">
        <label>
          <span class="field-label">Profile</span>
          <select
            class="field"
            value={name.value}
            onChange={({ currentTarget }) => (name.value = currentTarget.value)}
          >
            {offered.profiles.map((one) => (
              <option key={one.name} value={one.name}>
                {one.name}
              </option>
            ))}
            <option value={OWN}>clauses of your own</option>
          </select>
        </label>
        <label for="fault-seed">
          <span class="field-label">Seed</span>
          <input
            id="fault-seed"
            class="field"
            inputMode="numeric"
            autocomplete="off"
            value={seed.value}
            onInput={({ currentTarget }) => (seed.value = currentTarget.value)}
          />
        </label>
        <button type="submit" class="button is-primary">
          {running === undefined ? 'Start' : 'Start anew'}
        </button>
      </div>
      {name.value === OWN ? (
        <label class="faults-own" for="fault-clauses">
          <span class="field-label">Clauses</span>
          <input
            id="fault-clauses"
            class="field"
            autocomplete="off"
            spellcheck={false}
            value={clauses.value}
            onInput={({ currentTarget }) => (clauses.value = currentTarget.value)}
          />
        </label>
      ) : (
        <p class="faults-about">{chosen?.about ?? chosen?.text}</p>
      )}
      <div class="faults-command">
        <pre>{text}</pre>
        <button
          type="button"
          class="icon-button"
          aria-label="Copy the request of this feed"
          title="Copy"
          onClick={() => void copyText(model, text, 'Request copied.')}
        >
          <CopyIcon />
        </button>
      </div>
    </form>
  );
}

/** The end of the ledger, beside what the client did about it. */
function Strikes({ model, running }: { model: Model; running: FaultyStream }) {
  const { state, found } = running.standing.value;
  const { told } = found;
  const zone = model.zone.value;
  const isRefused = state.kind === 'refused';
  return (
    <>
      <h4>What was done, and what its client did</h4>
      {isRefused && <p class="field-problem">{state.message}</p>}
      {told.length === 0 && !isRefused && <p class="faults-about">Nothing was struck yet.</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and has nothing to press */}
      <ol class="market-log faults-log" tabIndex={0} aria-label="Strikes, newest first">
        {told.map(({ time, what, deed, isHarmed }, place) => (
          <li key={`${time} ${what} ${told.length - place}`}>
            <time dateTime={new Date(time).toISOString()}>{formatTime(zone, time, 1000)}</time>
            <span>{what}</span>
            <small class={isHarmed ? 'is-harmed' : ''}>{deed}</small>
          </li>
        ))}
      </ol>
    </>
  );
}
