import type { Audit } from '../continuity.ts';
import type { FaultyStream } from '../faults/faulty-stream.ts';
import { STATE_NAMES } from '../footer/status.tsx';
import type { Model } from '../model.ts';
import { formatAge } from '../time/format.ts';
import { isoText } from '../url.ts';
import { Dialog } from './dialog.tsx';

function outcomeOf({ atMs, bars, differences }: Audit): string {
  return `${formatAge(performance.now() - atMs)}, ${bars - differences} of ${bars} bars equal`;
}

const count = (value: number) => value.toLocaleString('en');

/** What "no gaps" rests on: the stream's own counters and the last comparison with the server. */
export function Continuity({ model, close }: { model: Model; close: () => void }) {
  const { gaps, duplicates, reconnects, rows } = model.counters.value;
  const audit = model.audit.value;
  model.serverMs.value;
  const running = model.control.value?.faults.running.value;
  const facts: Facts = [
    ['State', STATE_NAMES[model.connection.value.kind].toLowerCase()],
    ['Complete up to', isoText(model.stream.until ?? model.market.head)],
    ['Rows received', count(rows)],
    ['Gaps', count(gaps)],
    ['Duplicates', count(duplicates)],
    ['Reconnects', count(reconnects)],
    ['Ticks restored', count(model.restoredTicks)],
    ['Last check', audit === undefined ? 'none yet' : outcomeOf(audit)],
  ];
  return (
    <Dialog model={model} title="Stream continuity" className="continuity" close={close}>
      <p>
        Every frame says which rows it holds. One that does not begin where the last one ended is
        refused; after a reconnect the page asks for what it missed. Every 30 seconds the bars on
        the screen are compared with the server's.
      </p>
      <List facts={facts} />
      {running && <Faulty running={running} />}
    </Dialog>
  );
}

type Facts = readonly (readonly [string, string])[];

function List({ facts }: { facts: Facts }) {
  return (
    <dl>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The same of the faulty stream, and what came of the rows that were struck. */
function Faulty({ running }: { running: FaultyStream }) {
  const { label, faultSeed, symbol } = running.choice;
  const { state, counters, until, found } = running.standing.value;
  const { gaps, duplicates, reconnects, rows, rowsRestored } = counters;
  const facts: Facts = [
    ['State', STATE_NAMES[state.kind].toLowerCase()],
    ['Complete up to', isoText(until)],
    ['Rows received', count(rows)],
    ['Gaps', count(gaps)],
    ['Duplicates', count(duplicates)],
    ['Reconnects', count(reconnects)],
    ['Rows restored', count(rowsRestored)],
    ['Rows compared with the healthy ones', count(found.compared)],
    ['Rows harmed', count(found.harmed)],
    ['Recovered', count(found.recovered)],
    ['Not recovered', count(found.wrong)],
  ];
  const { passedOver } = found;
  return (
    <section>
      <h3>
        Faulty stream of {symbol}: {label}, seed {faultSeed}
      </h3>
      <p>
        What is lacking, comes twice or cannot be read is asked for again. A wrong price that looks
        right cannot be told from a true one: it is not recovered.
      </p>
      <List
        facts={passedOver > 0 ? [...facts, ['Too many to compare', count(passedOver)]] : facts}
      />
    </section>
  );
}
