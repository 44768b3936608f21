import { useSignal } from '@preact/signals';
import { goLive, goTo } from '../chart/place.ts';
import { showingOf } from '../footer/problems.tsx';
import { ForwardIcon } from '../later-icons.tsx';
import type { Model } from '../model.ts';
import { timeProblem } from '../problems.ts';
import { DAY_MS } from '../time/resolution.ts';
import { instantOf, zoneTitle } from '../time/zone.ts';
import { Popover } from './popover.tsx';

const HOUR_MS = 3_600_000;
const STEPS: readonly (readonly [label: string, name: string, ms: number])[] = [
  ['−1h', 'One hour back', HOUR_MS],
  ['−1d', 'One day back', DAY_MS],
  ['−1w', 'One week back', 7 * DAY_MS],
  ['−1y', 'One year back', 365 * DAY_MS],
];

/** When to go to. */
export function GoToPanel({ model }: { model: Model }) {
  const zone = model.zone.value;
  const chart = model.chart;
  const hereMs = chart?.atMs ?? model.serverMs.peek();
  const here = wallText(hereMs + zone.offsetAt(hereMs));
  const text = useSignal(here);
  const go = (timeMs: number) => {
    const problem = timeProblem(timeMs, showingOf(model));
    model.problems.value = problem === undefined ? [] : [problem];
    if (chart) goTo(chart, timeMs);
    model.popover.value = undefined;
  };
  return (
    <Popover model={model} label="Go to date">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const wallMs = Date.parse(`${text.peek()}Z`);
          // A clock may show an hour twice: what was not changed means the one that is shown.
          if (text.peek() === here) go(hereMs);
          else if (!Number.isNaN(wallMs)) go(instantOf(zone, wallMs));
        }}
      >
        <label class="field-label" for="date">
          Date and time ({zoneTitle(zone)})
        </label>
        <input
          id="date"
          class="field"
          type="datetime-local"
          step="1"
          required
          value={text.value}
          onInput={(event) => (text.value = event.currentTarget.value)}
        />
        <div class="chips">
          {STEPS.map(([label, name, ms]) => (
            <button
              key={label}
              type="button"
              class="button"
              title={name}
              onClick={() => go(hereMs - ms)}
            >
              {label}
            </button>
          ))}
        </div>
        <div class="popover-foot">
          <button
            type="button"
            class="button"
            onClick={() => {
              if (chart) goLive(chart);
              model.popover.value = undefined;
            }}
          >
            <ForwardIcon />
            Live
          </button>
          <button type="submit" class="button is-primary">
            Go
          </button>
        </div>
      </form>
    </Popover>
  );
}

/** `2026-11-23T21:40:00`, as a date field wants it. */
function wallText(wallMs: number): string {
  return new Date(Math.floor(wallMs / 1000) * 1000).toISOString().slice(0, 19);
}
