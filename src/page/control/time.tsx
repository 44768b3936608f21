import { Choice } from '../header/choice.tsx';
import { PauseIcon, PlayIcon, StepIcon } from '../later-icons.tsx';
import { formatDate, formatTime } from '../time/format.ts';
import { zoneName } from '../time/zone.ts';
import type { Acting } from './acting.ts';

const SPEEDS = ['1', '10', '60', '1000'];
/** Where the market is in its time, and how fast that goes. */
export function Time({ acting }: { acting: Acting }) {
  const { model } = acting;
  const { origin, interval } = model.market;
  const nowMs = model.serverMs.value;
  const speed = model.speed.value;
  const zone = model.zone.value;
  const isPaused = speed === 0;
  const row = Math.floor((nowMs - origin) / interval);
  const change = (body: object) => void acting.run({ path: '/clock', body: { ...body } });
  return (
    <section class="market-part" aria-label="Time">
      <div class="market-row">
        <h3>Time</h3>
      </div>
      <div class="market-row">
        <b class="market-now">
          {formatDate(zone, nowMs)} {formatTime(zone, nowMs, 1000)}
        </b>
        <span>
          {zoneName(zone, nowMs)}, row {row.toLocaleString('en')}
        </span>
      </div>
      <div class="market-row">
        <button
          type="button"
          class="button"
          aria-label={isPaused ? 'Go on' : 'Pause'}
          title={isPaused ? 'Go on' : 'Pause'}
          onClick={() => change({ paused: !isPaused })}
        >
          {isPaused ? <PlayIcon /> : <PauseIcon />}
        </button>
        <button
          type="button"
          class="button"
          aria-label="Step by one row"
          title={isPaused ? 'Step by one row' : 'Pause first: then time goes by step'}
          disabled={!isPaused}
          onClick={() => change({ step: 1 })}
        >
          <StepIcon />
        </button>
        <Choice
          label="Speed"
          className="market-speeds"
          options={SPEEDS.map((value) => ({ value, label: `${value}×` }))}
          value={String(speed)}
          choose={(chosen) => change({ speed: Number(chosen) })}
        />
      </div>
    </section>
  );
}
