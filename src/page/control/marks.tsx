import { useSignal } from '@preact/signals';
import type { Model } from '../model.ts';
import { formatInstant, formatTime } from '../time/format.ts';
import { barFrom, placeAt } from '../time/resolution.ts';
import type { Control } from './control.ts';
import { haltsOf, type Mark, marksOf, signOf } from './log.ts';
import { type Room, roomOf } from './room.ts';
import { effectsText, targetText } from './words.ts';

const POPUP_PX = 280;
/** Left of here the dates in view stand at the bottom of the chart. */
const DATES_PX = 400;
/** Of one bar; a bar of a day may have hundreds. */
const MOST_TOLD = 4;

/** What was done to the chosen instrument, in a circle at its bar, and where it stood still. */
export function Marks({ model, control }: { model: Model; control: Control }) {
  const room = roomOf(model);
  const entries = control.entries.value;
  if (room === undefined || entries.length === 0) return null;
  return (
    <>
      <Halts model={model} control={control} room={room} />
      <Circles model={model} control={control} room={room} />
    </>
  );
}

function Halts({ model, control, room }: { model: Model; control: Control; room: Room }) {
  const resolution = model.resolution.value;
  const zone = model.zone.value;
  const halts = haltsOf(control.entries.value, model.instrument.value, model.market.interval);
  return (
    <>
      {halts.map(({ fromMs, untilMs }) => {
        const left = Math.max(0, room.x(placeAt(resolution, fromMs)));
        const right = Math.min(room.widthPx, room.x(placeAt(resolution, untilMs)));
        if (right <= left) return null;
        const stepMs = untilMs % 60_000 === 0 ? 60_000 : 1_000;
        const text = `Halted to ${formatTime(zone, untilMs, stepMs)}`;
        return (
          <div key={fromMs} class="halt" style={{ left: `${left}px`, width: `${right - left}px` }}>
            {right - left > 96 && <span>{text}</span>}
          </div>
        );
      })}
    </>
  );
}

/** Those of one bar are one circle. */
function byBar(model: Model, marks: readonly Mark[]): ReadonlyMap<number, readonly Mark[]> {
  const resolution = model.resolution.value;
  const found = new Map<number, Mark[]>();
  for (const mark of marks) {
    // What is done while it is closed shows when it opens.
    const bar = barFrom(resolution, mark.timeMs);
    const before = found.get(bar) ?? [];
    // What began with its entry is told with that.
    const isTold = before.some(({ entry }) => entry === mark.entry);
    if (!isTold) found.set(bar, [...before, mark]);
  }
  return found;
}

function Circles({ model, control, room }: { model: Model; control: Control; room: Room }) {
  const shown = useSignal<number | undefined>(undefined);
  const marks = byBar(model, marksOf(control.entries.value, model.instrument.value));
  const inView = [...marks]
    .map(([bar, of]) => ({ bar, of, x: room.x(bar + 0.5) }))
    .filter(({ x }) => x >= 0 && x <= room.widthPx)
    .sort((one, other) => one.bar - other.bar);
  const open = inView.find(({ bar }) => bar === shown.value);
  const move = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === 'Escape' && shown.value !== undefined) shown.value = undefined;
    else if (step === undefined) return;
    else {
      const group = event.currentTarget as HTMLElement;
      const circles = [...group.querySelectorAll<HTMLElement>('.mark')];
      circles[circles.indexOf(event.target as HTMLElement) + step]?.focus();
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what is operated are the circles in it
    <div onKeyDown={move} onPointerLeave={() => (shown.value = undefined)}>
      {inView.map(({ bar, of, x }, at) => (
        <Circle
          key={bar}
          marks={of}
          x={x}
          label={of.map((mark) => markText(model, mark)).join('; ')}
          isStop={open === undefined ? at === inView.length - 1 : bar === open.bar}
          show={() => (shown.value = bar)}
          hide={() => {
            if (shown.peek() === bar) shown.value = undefined;
          }}
        />
      ))}
      {open && <Popup model={model} marks={open.of} x={open.x} room={room} />}
    </div>
  );
}

function Circle({
  marks,
  x,
  label,
  isStop,
  show,
  hide,
}: {
  marks: readonly Mark[];
  x: number;
  label: string;
  isStop: boolean;
  show: () => void;
  hide: () => void;
}) {
  const [first] = marks;
  const percent = first!.effects[0]!.percent;
  const direction = percent === undefined ? '' : percent < 0 ? ' is-down' : ' is-up';
  return (
    <button
      type="button"
      class={`mark${direction}${x < DATES_PX ? ' is-high' : ''}`}
      style={{ left: `${x}px` }}
      aria-label={label}
      tabIndex={isStop ? 0 : -1}
      onPointerEnter={show}
      onFocus={show}
      onBlur={hide}
      onClick={show}
    >
      <i aria-hidden="true" data-sign={marks.length === 1 ? signOf(first!) : marks.length} />
    </button>
  );
}

function markText(model: Model, { entry, effects, timeMs }: Mark): string {
  const what = entry.name === undefined ? '' : `${entry.name}: `;
  const when = formatInstant(model.zone.value, timeMs);
  return `${what}${effectsText(effects)}, ${targetText({ effects })}, ${when}`;
}

/** Read out as the name of its circle. */
function Popup({
  model,
  marks,
  x,
  room,
}: {
  model: Model;
  marks: readonly Mark[];
  x: number;
  room: Room;
}) {
  const widthPx = Math.min(POPUP_PX, room.widthPx - 16);
  const left = Math.min(room.widthPx - widthPx - 8, Math.max(8, x - widthPx / 2));
  return (
    <div
      class={`mark-popup${x < DATES_PX ? ' is-high' : ''}`}
      aria-hidden="true"
      style={{ left: `${left}px`, width: `${widthPx}px` }}
    >
      {marks.slice(0, MOST_TOLD).map((mark) => (
        <p key={`${mark.entry.key} ${mark.timeMs}`}>
          <b>{mark.entry.name ?? effectsText(mark.effects)}</b>, {targetText(mark)}
          {mark.entry.name !== undefined && <span>{effectsText(mark.effects)}</span>}
          <small>{placeText(model, mark)}</small>
        </p>
      ))}
      {marks.length > MOST_TOLD && <p>and {marks.length - MOST_TOLD} more</p>}
    </div>
  );
}

function placeText({ market, zone }: Model, { entry, timeMs }: Mark): string {
  const row = Math.ceil((timeMs - market.origin) / market.interval).toLocaleString('en');
  return `${formatInstant(zone.value, timeMs)}, row ${row}, id ${entry.market.slice(0, 8)}`;
}
