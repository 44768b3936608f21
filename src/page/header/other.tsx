import { ChevronIcon } from '../icons.tsx';
import type { Model } from '../model.ts';
import { PRESETS } from '../time/resolution.ts';

/** Any other resolution: a few common ones, and a field for the rest. */
export function OtherResolution({ model }: { model: Model }) {
  const Panel = model.later.value?.OtherPanel;
  const isOpen = model.popover.value === 'resolution';
  const current = model.resolution.value;
  const isPreset = PRESETS.some((preset) => preset.text === current.text);
  return (
    <div class="anchor">
      <button
        type="button"
        class={`button other${isPreset ? '' : ' is-chosen'}`}
        aria-label={isPreset ? 'Other resolution' : `Other resolution, now ${current.text}`}
        title="Other resolution (,)"
        aria-expanded={isOpen}
        aria-haspopup="dialog"
        onClick={() => (model.popover.value = isOpen ? undefined : 'resolution')}
      >
        <span class={isPreset ? 'not-phone' : ''}>{isPreset ? 'Other' : current.text}</span>
        <ChevronIcon />
      </button>
      {isOpen && Panel && <Panel model={model} />}
    </div>
  );
}
