import { sinceOf } from '../../../core/market/grid.ts';
import type { Timeline } from '../../../core/timeline/timeline.ts';
import { type Frame, frameOf } from '../../../delivery/encoder.ts';
import { EVENT_HARM } from '../stream/json-harm.ts';
import { PAYLOAD_AT } from '../stream/pad.ts';
import type { PriceTexts } from '../stream/price-texts.ts';
import { TextRowsEncoder } from '../text-rows-encoder.ts';

/** Rows and candles as server-sent events: they name no id, so there is one for all. */
export class SseEncoder extends TextRowsEncoder {
  readonly name = 'events';
  readonly harm = EVENT_HARM;

  readonly #timeline: Timeline;

  constructor(timeline: Timeline, texts: PriceTexts) {
    super(timeline.market, texts, '}\n\n');
    this.#timeline = timeline;
  }

  frameFor(_id: number): Frame {
    return frameOf(this.pad.bytes, PAYLOAD_AT, this.pad.end);
  }

  marketFrame(_id: number, market: string, from: number): Frame {
    const since = sinceOf(this.market.grid, from);
    return `event: market\nid: ${market}.${since}\ndata: ${JSON.stringify({ market, since })}\n\n`;
  }

  protected putHead(from: number, next: number, head: number): number {
    const { grid } = this.market;
    const id = this.#timeline.idAt(next - 1);
    const [since, until] = [sinceOf(grid, from), sinceOf(grid, next)];
    const range = `{"since":${since},"until":${until},"lag":${Math.max(0, head - next)},`;
    const name = this.what === 'rows' ? '' : `event: ${this.what}\n`;
    return this.pad.writeText(`${name}id: ${id}.${until}\ndata: ${range}`, PAYLOAD_AT);
  }
}
