import { zoneNames } from '../../zones/zone.ts';
import { chooseZone } from '../actions.ts';
import type { Model } from '../model.ts';
import { zoneProblem } from '../problems.ts';
import { zoneTitle } from '../time/zone.ts';
import { localName, shownZoneOf } from '../time/zones.ts';
import { FieldPanel } from './field-panel.tsx';

const SUGGESTIONS = ['America/New_York', 'Europe/London', 'Asia/Tokyo', 'Australia/Sydney'];

/** Whose clock is shown, and cuts days, weeks and months. */
export function ZonePanel({ model }: { model: Model }) {
  const chosen = model.zone.value;
  return (
    <FieldPanel
      model={model}
      label="Time zone"
      title={`Time zone, now ${zoneTitle(chosen)}`}
      id="zone"
      placeholder="Europe/Paris"
      names={zoneNames()}
      chips={['utc', 'local', ...SUGGESTIONS].map((name) => ({
        value: name,
        label: labelOf(name),
        title: name === 'local' ? localName() : undefined,
        isTaken: name === chosen.text,
      }))}
      areWide={true}
      take={(text) => {
        const zone = shownZoneOf(model, text);
        if (zone === undefined) return zoneProblem(text, model.zone.peek().text);
        chooseZone(model, zone);
        return undefined;
      }}
    />
  );
}

/** `New York` */
function labelOf(name: string): string {
  if (name === 'utc') return 'UTC';
  return name === 'local' ? 'Local' : name.replace(/^.*\//, '').replace('_', ' ');
}
