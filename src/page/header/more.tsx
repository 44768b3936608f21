import { MoreIcon } from '../icons.tsx';
import type { Model } from '../model.ts';

/** What is wanted less often than the rest of the toolbar. */
export function More({ model }: { model: Model }) {
  const { MorePanel: Panel, ZonePanel: Zones } = model.later.value ?? {};
  const isOpen = model.popover.value === 'more';
  return (
    <div class="anchor">
      <button
        type="button"
        class="button more"
        aria-label="More"
        title="More"
        aria-expanded={isOpen}
        aria-haspopup="dialog"
        onClick={() => (model.popover.value = isOpen ? undefined : 'more')}
      >
        <MoreIcon />
      </button>
      {isOpen && Panel && <Panel model={model} />}
      {model.popover.value === 'zone' && Zones && <Zones model={model} />}
    </div>
  );
}
