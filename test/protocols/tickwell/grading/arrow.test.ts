import { MessageReader, tableFromArrays, tableToIPC } from 'apache-arrow';
import { beforeAll, describe, expect, it } from 'vitest';
import { Timeline } from '../../../../src/core/timeline/timeline.ts';
import { loadArrow } from '../../../../src/protocols/tickwell/formats/arrow-library.ts';
import { TickwellError } from '../../../../src/wire/errors.ts';
import { gradeOf } from '../../../helpers/grading.ts';
import { marketOf, pricesOf } from '../../../helpers/market.ts';

const market = marketOf({ count: 3, origin: '2026-01-01' });
const timeline = new Timeline(market);
const { originMs } = market.grid;
const ROWS = 300;
const prices = pricesOf(market, 1, 0, ROWS);
const table = tableFromArrays({
  time: Float64Array.from(prices, (_, row) => originMs + row * 1000),
  symbol: prices.map(() => 'ticker_1'),
  price: Int32Array.from(prices),
});

beforeAll(() => loadArrow());

describe('a recording as Apache Arrow', () => {
  it.each(['stream', 'file'] as const)('may be a %s, whose texts are in a dictionary', (kind) => {
    const stream = tableToIPC(table, 'stream');
    // Source: Arrow Columnar Format, "IPC File Format".
    const file = Buffer.concat([Buffer.from('ARROW1\0\0'), stream, Buffer.from('index ARROW1')]);
    const bytes = kind === 'file' ? file : stream;
    for (const chunkBytes of [1, 1000, 2 ** 20]) {
      const { right, records } = gradeOf(bytes, { timeline, chunkBytes });
      expect([right, records]).toEqual([true, ROWS]);
    }
  });

  it('says what is wrong as all others do', () => {
    const spoilt = tableFromArrays({
      time: Float64Array.from([0, 1, 1, 3], (row) => originMs + row * 1000),
      symbol: ['ticker_1', 'ticker_1', 'ticker_1', 'ticker_9'],
      price: Int32Array.from([prices[0]!, prices[1]! + 1, prices[1]!, 7]),
    });
    expect(gradeOf(tableToIPC(spoilt, 'stream'), { timeline })).toMatchObject({
      right: false,
      unknownSymbols: { count: 1, names: ['ticker_9'] },
      symbols: {
        ticker_1: {
          twice: { count: 1 },
          wrong: { count: 1, first: [{ given: prices[1]! + 1, true: prices[1] }] },
        },
      },
    });
  });

  it('may have so many dictionaries, as each message is read with all of them', () => {
    const bytes = Buffer.from(tableToIPC(table, 'stream'));
    const schema = messageAt(bytes, 0);
    const dictionary = messageAt(bytes, schema.length);
    const count = Math.ceil(2 ** 22 / dictionary.length);
    const many = Buffer.concat([schema, ...Array<Buffer>(count).fill(dictionary)]);
    expect(() => gradeOf(many, { timeline, chunkBytes: 2 ** 20 })).toThrow(
      /^the recording must have a schema and dictionaries of at most 4194304 bytes; given: \d+$/,
    );
  });

  it('is refused, or graded, whatever number of its heads is too great', () => {
    const bytes = Buffer.from(tableToIPC(table.slice(0, 20), 'stream'));
    let refused = 0;
    for (let at = 0; at + 8 < bytes.length; at += 4) {
      for (const number of [2 ** 28, 2 ** 31 - 1]) {
        const spoilt = Buffer.from(bytes);
        spoilt.writeInt32LE(number, at);
        try {
          gradeOf(spoilt, { timeline });
        } catch (error) {
          expect(error).toBeInstanceOf(TickwellError);
          refused += 1;
        }
      }
    }
    expect(refused).toBeGreaterThan(100);
  }, 30_000);

  it('that is cut off anywhere is told so', () => {
    const bytes = tableToIPC(table, 'stream');
    for (let length = 8; length < bytes.length; length += 37) {
      const grade = () => gradeOf(bytes.subarray(0, length), { timeline, chunkBytes: 2 ** 20 });
      expect(grade).toThrow(TickwellError);
      expect(grade).toThrow(/^the recording must come whole, with the mark of its end; given: /);
    }
  });

  it('that is something else is told so', () => {
    const bytes = Buffer.from(tableToIPC(table, 'stream'));
    const spoilt = Buffer.from(bytes);
    spoilt.writeInt32LE(2 ** 30, 4);
    for (const other of [
      spoilt,
      Buffer.alloc(1000, 0xff),
      Buffer.concat([bytes.subarray(0, 8), Buffer.alloc(2000, 7)]),
    ]) {
      expect(() => gradeOf(other, { timeline })).toThrow(
        /^the (recording|first line) must [^;]+; given: [^\n]+$/,
      );
    }
    // A file that has its schema at its end alone.
    expect(() => gradeOf(tableToIPC(table, 'file'), { timeline })).toThrow(
      'the recording must begin with its schema, as a stream does; given: another message',
    );
    const unnamed = tableFromArrays({ when: Int32Array.of(1), price: Int32Array.of(1) });
    expect(() => gradeOf(tableToIPC(unnamed, 'stream'), { timeline })).toThrow(
      'the first line must name time, as of each of the rows; given: when,price',
    );
  });
});

/** The message that begins at a byte of a stream. */
function messageAt(stream: Buffer, from: number): Buffer {
  const head = stream.subarray(from, from + 8 + stream.readInt32LE(from + 4));
  const { value } = new MessageReader(head).next();
  return stream.subarray(from, from + head.length + Number(value!.bodyLength));
}
