import { CalendarIcon } from '../icons.tsx';
import type { Model } from '../model.ts';

/** Jump to any time of the market. */
export function GoToDate({ model }: { model: Model }) {
  const Panel = model.later.value?.GoToPanel;
  const isOpen = model.popover.value === 'date';
  return (
    <div class="anchor anchor-date">
      <button
        type="button"
        class={`button goto${isOpen ? ' is-open' : ''}`}
        aria-label="Go to date"
        title="Go to date (G)"
        aria-expanded={isOpen}
        aria-haspopup="dialog"
        onClick={() => (model.popover.value = isOpen ? undefined : 'date')}
      >
        <CalendarIcon />
        <span class="goto-text">Go to date</span>
      </button>
      {isOpen && Panel && <Panel model={model} />}
    </div>
  );
}
