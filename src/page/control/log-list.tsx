import { formatTime } from '../time/format.ts';
import type { Acting } from './acting.ts';
import { endOf, isForGood, type LoggedEntry } from './log.ts';
import { effectsText, entryText, leftText, targetText } from './words.ts';

const MOST_LISTED = 100;

/** All that was done, newest first. */
export function LogList({ acting }: { acting: Acting }) {
  const { model, control } = acting;
  const entries = control.entries.value;
  const zone = model.zone.value;
  const nowMs = model.serverMs.value;
  const newest = entries.toReversed().slice(0, MOST_LISTED);
  return (
    <section class="market-part" aria-label="Log">
      <div class="market-row">
        <h3>Log</h3>
        <span>
          {entries.length === 0
            ? 'nothing was done yet'
            : `${entries.length} ${entries.length === 1 ? 'entry' : 'entries'}`}
        </span>
      </div>
      <ol class="market-log" reversed>
        {newest.map((entry) => (
          <li key={entry.key} title={effectsText(entry.effects)}>
            <time dateTime={new Date(entry.time).toISOString()}>
              {formatTime(zone, entry.time, 1000)}
            </time>
            <span>
              {entryText(entry)} <i>{targetText(entry)}</i>
            </span>
            <small>{stateText(entry, nowMs)}</small>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Whether an entry is still to come, at work, or over. */
function stateText(entry: LoggedEntry, nowMs: number): string {
  if (entry.time > nowMs) return `in ${leftText(entry.time - nowMs)}`;
  const end = endOf(entry);
  if (end > nowMs) return `${leftText(end - nowMs)} left`;
  return isForGood(entry) ? 'for good' : 'ended';
}
