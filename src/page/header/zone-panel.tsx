import { useSignal } from '@preact/signals';
import { zoneNames } from '../../zones/zone.ts';
import { chooseZone } from '../actions.ts';
import type { Model } from '../model.ts';
import { zoneProblem } from '../problems.ts';
import { zoneTitle } from '../time/zone.ts';
import { localName, shownZoneOf } from '../time/zones.ts';
import { Popover } from './popover.tsx';

const SUGGESTIONS = ['America/New_York', 'Europe/London', 'Asia/Tokyo', 'Australia/Sydney'];

/** Whose clock is shown, and cuts days, weeks and months. */
export function ZonePanel({ model }: { model: Model }) {
  const text = useSignal('');
  const problem = useSignal<string | undefined>(undefined);
  const choose = (wanted: string) => {
    const zone = shownZoneOf(model, wanted);
    if (zone === undefined) {
      problem.value = zoneProblem(wanted, model.zone.peek().text);
      return;
    }
    chooseZone(model, zone);
    model.popover.value = undefined;
  };
  const chosen = model.zone.value;
  return (
    <Popover model={model} label="Time zone">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          choose(text.peek().trim());
        }}
      >
        <label class="field-label" for="zone">
          Time zone, now {zoneTitle(chosen)}
        </label>
        <div class="field-row">
          <input
            id="zone"
            class="field"
            type="text"
            list="zones"
            placeholder="Europe/Paris"
            autocomplete="off"
            autocapitalize="off"
            aria-describedby="zone-problem"
            aria-invalid={problem.value !== undefined}
            value={text.value}
            onInput={(event) => {
              text.value = event.currentTarget.value;
              problem.value = undefined;
            }}
          />
          <datalist id="zones">
            {zoneNames().map((name) => (
              <option key={name} value={name} />
            ))}
          </datalist>
          <button type="submit" class="button is-primary">
            Show
          </button>
        </div>
        <p id="zone-problem" class="field-problem" role="status">
          {problem.value ?? ''}
        </p>
      </form>
      <div class="chips is-wide">
        {['utc', 'local', ...SUGGESTIONS].map((name) => (
          <button
            key={name}
            type="button"
            class="button"
            title={name === 'local' ? localName() : undefined}
            aria-pressed={name === chosen.text}
            onClick={() => choose(name)}
          >
            {labelOf(name)}
          </button>
        ))}
      </div>
    </Popover>
  );
}

/** `New York` */
function labelOf(name: string): string {
  if (name === 'utc') return 'UTC';
  return name === 'local' ? 'Local' : name.replace(/^.*\//, '').replace('_', ' ');
}
