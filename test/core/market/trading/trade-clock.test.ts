import { describe, expect, it } from 'vitest';
import { BLOCK_ROWS, ERA_ROWS } from '../../../../src/core/market/grid.ts';
import { keyOfInstrument } from '../../../../src/core/market/market.ts';
import { LotCells, Lots } from '../../../../src/core/market/trading/lots.ts';
import { orderFlow } from '../../../../src/core/market/trading/order-flow.ts';
import { TradeClock } from '../../../../src/core/market/trading/trade-clock.ts';

const plain = { fillBlock() {} };
const key = keyOfInstrument(1, 'A');

describe('a trade clock', () => {
  it.each([0.00001, 0.3, 1.7, 100])('reads one row as it fills a block: %d a row', (rate) => {
    for (const least of [0, 1]) {
      const clock = new TradeClock(plain, key, rate, least);
      const out = new Float64Array(BLOCK_ROWS + 1);
      for (const block of [0, 1, 1023, 1024, 77_777, 2 ** 31 + 5]) {
        clock.fillBlock(out, block);
        for (const i of [0, 1, 2, 777, BLOCK_ROWS - 1, BLOCK_ROWS]) {
          expect(clock.before(block * BLOCK_ROWS + i)).toBe(out[i]);
        }
        for (let i = 0; i < BLOCK_ROWS; i++)
          if (out[i + 1] < out[i] + least) throw new Error(`${block} ${i}`);
      }
    }
  });
  it('speed', () => {
    const clock = new TradeClock(plain, key, 1.7, 0);
    const out = new Float64Array(BLOCK_ROWS + 1);
    const lots = new Lots(key, 5, new LotCells());
    const flow = orderFlow(key, 1.7);
    const vol = new Uint32Array(BLOCK_ROWS);
    const g = new Float64Array(BLOCK_ROWS);
    for (let b = 0; b < 30; b++) clock.fillBlock(out, b);
    let t = process.cpuUsage().user / 1000;
    for (let b = 0; b < 100; b++) clock.fillBlock(out, b);
    console.log('clock ns/row', ((process.cpuUsage().user / 1000 - t) * 1e6) / 100 / BLOCK_ROWS);
    let s = 0;
    for (let r = 0; r < 3; r++) {
      t = process.cpuUsage().user / 1000;
      for (let b = 0; b < 20; b++) {
        lots.fillRows(vol, out, 0, BLOCK_ROWS);
        s += vol[5];
      }
      console.log('lots ns/row', ((process.cpuUsage().user / 1000 - t) * 1e6) / BLOCK_ROWS / 20);
      t = process.cpuUsage().user / 1000;
      for (let b = 0; b < 20; b++) {
        flow.fill(g, out, 0, BLOCK_ROWS);
        s += g[7];
      }
      console.log('flow ns/row', ((process.cpuUsage().user / 1000 - t) * 1e6) / BLOCK_ROWS / 20);
    }
    for (const i of [0, 5, 16383])
      console.log(
        g[i] === flow.at(out[i]!),
        vol[i] === lots.before(out[i + 1]!) - lots.before(out[i]!),
      );
    let total = 0;
    for (let i = 0; i < BLOCK_ROWS; i++) total += vol[i];
    console.log(total, lots.before(out[BLOCK_ROWS]!) - lots.before(out[0]!));
    t = process.cpuUsage().user / 1000;
    for (let i = 0; i < 10000; i++) s += clock.before(i * 1e6);
    console.log('before us', ((process.cpuUsage().user / 1000 - t) * 1e3) / 10000);
    t = process.cpuUsage().user / 1000;
    for (let i = 0; i < 10000; i++) s += lots.before(i * 1234567);
    console.log('lots before us', ((process.cpuUsage().user / 1000 - t) * 1e3) / 10000, s);
    clock.fillBlock(out, 0);
    console.log('trades/row', out[BLOCK_ROWS]! / BLOCK_ROWS, clock.before(ERA_ROWS) / ERA_ROWS);
    for (const m of [1, 1.5, 2, 5, 20, 1e6]) {
      const l = new Lots(key, m, new LotCells());
      console.log(m, l.before(2 ** 24) / 2 ** 24, new LotCells());
    }
    const w: number[] = [];
    // waits
    let d = 0,
      d2 = 0,
      c = 0;
    let prev = -1;
    for (let b = 0; b < 20; b++) {
      clock.fillBlock(out, b);
      for (let i = 0; i < BLOCK_ROWS; i++) {
        const n = out[i + 1]! - out[i]!;
        for (let k = 0; k < n; k++) {
          const at = b * BLOCK_ROWS + i + (k + 0.5) / n;
          if (prev >= 0) {
            d += at - prev;
            d2 += (at - prev) ** 2;
            c++;
          }
          prev = at;
        }
      }
    }
    console.log('waits sd/mean', Math.sqrt(d2 / c - (d / c) ** 2) / (d / c));
    const sides: number[] = [];
    for (let b = 0; b < 20; b++) {
      clock.fillBlock(out, b);
      for (let i = 0; i < BLOCK_ROWS; i++)
        if (out[i + 1]! > out[i]!) sides.push(Math.sign(flow.at(out[i + 1]! - 1)));
    }
    for (const lag of [1, 10, 100, 1000]) {
      let a = 0;
      for (let i = lag; i < sides.length; i++) a += sides[i]! * sides[i - lag]!;
      console.log('sides', lag, a / (sides.length - lag));
    }
  });
});
