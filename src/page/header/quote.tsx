import { MenuIcon } from '../icons.tsx';
import type { Model } from '../model.ts';
import { directionOf, formatPercent, formatPrice, formatSigned, percentChange } from '../price.ts';

const ARROWS = { up: '▲', down: '▼', flat: '' } as const;

/** The chosen instrument and its price. */
export function QuoteLine({ model }: { model: Model }) {
  const instrument = model.instrument.value;
  const { lastTicks, baseTicks } = model.quote.value;
  const isKnown = Number.isFinite(lastTicks);
  const change = lastTicks - baseTicks;
  const percent = percentChange(lastTicks, baseTicks);
  const direction = directionOf(change);
  return (
    <div class="quote">
      <button
        type="button"
        class="icon-button only-phone"
        aria-label="Open the list of instruments"
        onClick={() => (model.isListOpen.value = true)}
      >
        <MenuIcon />
      </button>
      <h2 class="quote-symbol">{instrument.symbol}</h2>
      <span class="quote-name">{instrument.name}</span>
      {isKnown ? (
        <span class="quote-last">{formatPrice(lastTicks, instrument)}</span>
      ) : (
        <span class="quote-last skeleton" />
      )}
      {Number.isFinite(change) && (
        <span class={`quote-change is-${direction}`}>
          {direction !== 'flat' && (
            <span class="quote-arrow" aria-hidden="true">
              {ARROWS[direction]}
            </span>
          )}
          <span class={percent === undefined ? '' : 'quote-absolute not-phone'}>
            {formatSigned(change * instrument.tickSize, instrument.decimals)}
          </span>
          {percent !== undefined && <span>{formatPercent(percent)}</span>}
          <span class="quote-span not-phone">24 h</span>
        </span>
      )}
      {model.hasSides.value && <SidesLine model={model} />}
    </div>
  );
}

/** What buyers offer and what sellers ask, and how many ticks lie between them. */
function SidesLine({ model }: { model: Model }) {
  const instrument = model.instrument.value;
  const { bid, ask } = model.sides.value ?? { bid: Number.NaN, ask: Number.NaN };
  const spread = ask - bid;
  return (
    <span class="quote-sides" title="What buyers offer, what sellers ask, and the spread">
      <span>Bid</span>
      <b>{formatPrice(bid, instrument)}</b>
      <span>Ask</span>
      <b>{formatPrice(ask, instrument)}</b>
      {spread > 0 && (
        <span class="quote-spread">
          {spread.toLocaleString('en')} {spread === 1 ? 'tick' : 'ticks'}
        </span>
      )}
    </span>
  );
}
