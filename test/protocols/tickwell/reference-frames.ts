import type { Lists } from '../../../src/core/market/columns.ts';
import type { Field } from '../../../src/core/market/fields.ts';
import { timeOf } from '../../../src/core/market/grid.ts';
import type { Market } from '../../../src/core/market/market.ts';
import type { Encoding } from '../../../src/protocols/tickwell/encoders.ts';
import { fillRowsHead, ROWS_HEAD_BYTES, valuesBytes } from '../../../src/wire/binary.ts';
import { rowsMessageHeadJson, valuesJson } from '../../../src/wire/json.ts';

export interface ReferenceOf {
  readonly encoding: Encoding;
  readonly id: number;
  readonly fields: readonly Field[];
  readonly columns: readonly number[];
  readonly cursor: number;
  readonly next: number;
  readonly head: number;
}

/** A frame of rows as the documents have it, put together from whole parts: slow, and plain. */
export function referenceFrame(market: Market, of: ReferenceOf, values: Lists): Buffer {
  const { encoding, id, fields, columns, cursor, next, head } = of;
  const { grid, id: marketId, spec } = market;
  const [since, until] = [timeOf(grid, cursor - 1), timeOf(grid, next - 1)];
  const lagRows = Math.max(0, head - next);
  switch (encoding) {
    case 'json': {
      const start = rowsMessageHeadJson(id, since, until, lagRows);
      return webSocketFrame(0x81, Buffer.from(`${start}${valuesJson(fields, values)}}`));
    }
    case 'binary': {
      const rowsHead = new Uint8Array(ROWS_HEAD_BYTES);
      const about = { dtype: spec.dtype, fields, rows: next - cursor, columns: columns.length };
      fillRowsHead(rowsHead, { ...about, id, since, until, lagRows });
      return webSocketFrame(0x82, Buffer.concat([rowsHead, valuesBytes(fields, values)]));
    }
    case 'events': {
      const range = `{"since":${since},"until":${until},"lag":${lagRows},`;
      const data = `${range}${valuesJson(fields, values)}}`;
      return Buffer.from(`id: ${marketId}.${until}\ndata: ${data}\n\n`);
    }
  }
}

/** Source: RFC 6455, section 5.2. */
function webSocketFrame(opcode: number, payload: Buffer): Buffer {
  const { byteLength } = payload;
  if (byteLength < 126) return Buffer.concat([Uint8Array.of(opcode, byteLength), payload]);
  const isMedium = byteLength < 2 ** 16;
  const length = Buffer.alloc(isMedium ? 2 : 8);
  if (isMedium) length.writeUInt16BE(byteLength);
  else length.writeBigUInt64BE(BigInt(byteLength));
  return Buffer.concat([Uint8Array.of(opcode, isMedium ? 126 : 127), length, payload]);
}
