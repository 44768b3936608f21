import { meantWidth } from '../../core/market/meant-width.ts';
import { formatDuration, parseResolution } from '../../core/market/resolution.ts';
import { chooseResolution } from '../actions.ts';
import type { Model } from '../model.ts';
import { isOffered } from '../time/resolution.ts';
import { FieldPanel } from './field-panel.tsx';

const SUGGESTIONS = ['10s', '30s', '2m', '10m', '30m', '4h', '1w', '1mo', '3mo', '1y'];

/** Some common ones, and a field. */
export function OtherPanel({ model }: { model: Model }) {
  const { interval } = model.market;
  const offered = SUGGESTIONS.filter((text) => isOffered(parseResolution(text)!, interval));
  return (
    <FieldPanel
      model={model}
      label="Other resolution"
      title="Resolution"
      id="resolution"
      placeholder="45m"
      chips={offered.map((text) => ({ value: text, label: text }))}
      take={(text) => {
        const wanted = meantWidth(text) ?? text;
        const problem = resolutionProblem(interval, wanted);
        if (problem === undefined) chooseResolution(model, wanted);
        return problem;
      }}
    />
  );
}

/** Why a market has no bars of this resolution; undefined if it has. */
function resolutionProblem(intervalMs: number, text: string): string | undefined {
  const resolution = parseResolution(text);
  if (resolution === undefined) return 'A number and a unit: 30s, 2m, 4h, 3d, 1w, 1mo or 1y.';
  if (isOffered(resolution, intervalMs)) return undefined;
  return `At least ${formatDuration(intervalMs)}, the time between two prices.`;
}
