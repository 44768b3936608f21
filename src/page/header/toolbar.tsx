import { chooseResolution, chooseType } from '../actions.ts';
import type { ChartType } from '../chart/series.ts';
import { AreaIcon, CandlesIcon, LineIcon } from '../icons.tsx';
import type { Model } from '../model.ts';
import { isOffered, PRESETS } from '../time/resolution.ts';
import { Choice, type Option } from './choice.tsx';
import { GoToDate } from './goto.tsx';
import { More } from './more.tsx';
import { OtherResolution } from './other.tsx';

const TYPES: readonly Option<ChartType>[] = [
  { value: 'candles', label: 'Candles', title: 'Candles (C)', content: <CandlesIcon /> },
  { value: 'line', label: 'Line', title: 'Line (L)', content: <LineIcon /> },
  { value: 'area', label: 'Area', title: 'Area (A)', content: <AreaIcon /> },
];

/** How the chart shows time and price. */
export function Toolbar({ model }: { model: Model }) {
  const offered = PRESETS.filter((preset) => isOffered(preset, model.market.interval));
  const type = model.chartType.value;
  const typeAt = TYPES.findIndex(({ value }) => value === type);
  return (
    <div class="toolbar" role="toolbar" aria-label="Chart">
      {offered.length > 0 && (
        <Choice
          label="Resolution"
          className="resolutions"
          options={offered.map(({ text }) => ({ value: text, label: text }))}
          value={model.resolution.value.text}
          choose={(text) => chooseResolution(model, text)}
        />
      )}
      <OtherResolution model={model} />
      <Choice
        label="Chart type"
        className="types not-phone"
        options={TYPES}
        value={type}
        choose={(chosen) => chooseType(model, chosen)}
      />
      <button
        type="button"
        class="button only-phone"
        aria-label={`Chart type: ${TYPES[typeAt]!.label}`}
        onClick={() => chooseType(model, TYPES[(typeAt + 1) % TYPES.length]!.value)}
      >
        {TYPES[typeAt]!.content}
      </button>
      <span class="toolbar-gap" />
      <GoToDate model={model} />
      <More model={model} />
    </div>
  );
}
