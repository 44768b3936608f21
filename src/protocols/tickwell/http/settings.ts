import type { History } from '../../../core/history/history.ts';
import { FIELDS } from '../../../core/market/fields.ts';
import { sinceOf } from '../../../core/market/grid.ts';
import type { Instrument } from '../../../core/market/instrument.ts';
import type { Market } from '../../../core/market/market.ts';
import type { Making } from '../../../host/http/body.ts';
import type { MarketClock } from '../../../host/market-clock.ts';
import type { MarketInfo } from '../../../wire/messages.ts';
import { TextWriter } from '../formats/text.ts';

/** What never changes of the settings a client asks for first, as the start of their JSON. */
export function* settingsJson(market: Market, version: string): Making {
  const { grid, spec, instruments } = market;
  const about: Omit<MarketInfo, 'market' | 'instruments' | 'head' | 'now' | 'speed'> = {
    version,
    origin: grid.originMs,
    interval: grid.intervalMs,
    dtype: spec.dtype,
    capacity: spec.capacity,
    earliest: grid.originMs,
    synthetic: true,
    fields: FIELDS,
  };
  const writer = new TextWriter(`${JSON.stringify(about).slice(0, -1)},"instruments":[`);
  for (const [column, instrument] of instruments.entries()) {
    const text = JSON.stringify(instrumentInfo(instrument));
    if (writer.add(column === 0 ? text : `,${text}`)) yield;
  }
  writer.add('],');
  return writer.end();
}

/** What does change of them, as the rest of their JSON. */
export function settingsRestJson(
  { market, head }: History,
  id: string,
  clock: MarketClock,
): string {
  const now: Pick<MarketInfo, 'market' | 'head' | 'now' | 'speed'> = {
    market: id,
    head: sinceOf(market.grid, head),
    ...clock.told,
  };
  return JSON.stringify(now).slice(1);
}

function instrumentInfo(instrument: Instrument): MarketInfo['instruments'][number] {
  return {
    symbol: instrument.symbol,
    name: instrument.name,
    model: instrument.model.kind,
    tickSize: instrument.tickSize,
    decimals: instrument.decimals,
    min: instrument.minTicks,
    max: instrument.maxTicks,
    ...(instrument.sector === '' ? {} : { sector: instrument.sector }),
    ...(instrument.calendar === 'always' ? {} : { calendar: instrument.calendar }),
  };
}
