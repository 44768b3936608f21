import { WHATS, type What } from '../../../core/history/wanted.ts';
import { sinceOf } from '../../../core/market/grid.ts';
import type { Market } from '../../../core/market/market.ts';
import type { Frame } from '../../../delivery/encoder.ts';
import { TEXT, webSocketText } from '../../../host/websocket-frames.ts';
import { messageStartOf, rowsMessageRangeJson } from '../../../wire/json.ts';
import { TextRowsEncoder } from '../text-rows-encoder.ts';
import { MESSAGE_HARM } from './json-harm.ts';
import { marketText } from './market-text.ts';
import { PAYLOAD_AT } from './pad.ts';
import type { PriceTexts } from './price-texts.ts';

/** Each message up to its id. */
const MESSAGE_STARTS = Object.fromEntries(
  WHATS.map((what) => [what, messageStartOf(what)]),
) as Readonly<Record<What, string>>;

/** Rows and candles as text messages of a WebSocket. What follows the id is the same for all. */
export class JsonEncoder extends TextRowsEncoder {
  readonly name = 'json';
  readonly harm = MESSAGE_HARM;
  /** Of the range that is on the pad: it is the same for all groups of a turn. */
  #range = '';
  #from = -1;
  #next = -1;
  #head = -1;

  constructor(market: Market, texts: PriceTexts) {
    super(market, texts, '}');
  }

  frameFor(id: number): Frame {
    const { pad } = this;
    const begin = MESSAGE_STARTS[this.what];
    const start = pad.writeWholeBefore(PAYLOAD_AT, id) - begin.length;
    pad.writeText(begin, start);
    return pad.webSocketFrame(TEXT, start);
  }

  marketFrame(id: number, market: string, from: number): Frame {
    return webSocketText(marketText(this.market, id, market, from));
  }

  protected putHead(from: number, next: number, head: number): number {
    if (from !== this.#from || next !== this.#next || head !== this.#head) {
      const { grid } = this.market;
      const [since, until] = [sinceOf(grid, from), sinceOf(grid, next)];
      this.#range = rowsMessageRangeJson(since, until, Math.max(0, head - next));
      this.pad.writeText(this.#range, PAYLOAD_AT);
      this.#from = from;
      this.#next = next;
      this.#head = head;
    }
    return PAYLOAD_AT + this.#range.length;
  }
}
