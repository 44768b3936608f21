import { useSignal } from '@preact/signals';
import { meantWidth } from '../../core/market/meant-width.ts';
import { formatDuration, parseResolution } from '../../core/market/resolution.ts';
import { chooseResolution } from '../actions.ts';
import type { Model } from '../model.ts';
import { isOffered } from '../time/resolution.ts';
import { Popover } from './popover.tsx';

const SUGGESTIONS = ['10s', '30s', '2m', '10m', '30m', '4h', '1w', '1mo', '3mo', '1y'];

/** Some common ones, and a field. */
export function OtherPanel({ model }: { model: Model }) {
  const text = useSignal('');
  const problem = useSignal<string | undefined>(undefined);
  const choose = (wanted: string) => {
    problem.value = resolutionProblem(model, wanted);
    if (problem.peek() !== undefined) return;
    chooseResolution(model, wanted);
    model.popover.value = undefined;
  };
  const offered = SUGGESTIONS.filter((suggestion) =>
    isOffered(parseResolution(suggestion)!, model.market.interval),
  );
  return (
    <Popover model={model} label="Other resolution">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          choose(meantWidth(text.peek()) ?? text.peek());
        }}
      >
        <label class="field-label" for="resolution">
          Resolution
        </label>
        <div class="field-row">
          <input
            id="resolution"
            class="field"
            type="text"
            placeholder="45m"
            autocomplete="off"
            autocapitalize="off"
            aria-describedby="resolution-problem"
            aria-invalid={problem.value !== undefined}
            value={text.value}
            onInput={(event) => {
              text.value = event.currentTarget.value;
              problem.value = undefined;
            }}
          />
          <button type="submit" class="button is-primary">
            Show
          </button>
        </div>
        <p id="resolution-problem" class="field-problem" role="status">
          {problem.value ?? ''}
        </p>
      </form>
      {offered.length > 0 && (
        <div class="chips">
          {offered.map((suggestion) => (
            <button
              key={suggestion}
              type="button"
              class="button"
              onClick={() => choose(suggestion)}
            >
              {suggestion}
            </button>
          ))}
        </div>
      )}
    </Popover>
  );
}

/** Why the market has no bars of this resolution; undefined if it has. */
function resolutionProblem(model: Model, text: string): string | undefined {
  const resolution = parseResolution(text);
  if (resolution === undefined) return 'A number and a unit: 30s, 2m, 4h, 3d, 1w, 1mo or 1y.';
  if (isOffered(resolution, model.market.interval)) return undefined;
  return `At least ${formatDuration(model.market.interval)}, the time between two prices.`;
}
