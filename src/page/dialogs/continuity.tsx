import type { Audit } from '../continuity.ts';
import { STATE_NAMES } from '../footer/status.tsx';
import type { Model } from '../model.ts';
import { formatAge } from '../time/format.ts';
import { isoText } from '../url.ts';
import { Dialog } from './dialog.tsx';

function outcomeOf({ atMs, bars, differences }: Audit): string {
  return `${formatAge(performance.now() - atMs)}, ${bars - differences} of ${bars} bars equal`;
}

/** What "no gaps" rests on: the stream's own counters and the last comparison with the server. */
export function Continuity({ model, close }: { model: Model; close: () => void }) {
  const { gaps, duplicates, reconnects, rows } = model.counters.value;
  const audit = model.audit.value;
  model.serverMs.value;
  const count = (value: number) => value.toLocaleString('en');
  const facts: readonly (readonly [string, string])[] = [
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
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
