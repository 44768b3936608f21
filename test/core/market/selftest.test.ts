import { describe, expect, it } from 'vitest';
import { checksum } from '../../../src/core/market/checksum.ts';
import type { ModelKind } from '../../../src/core/market/models/parameters.ts';
import { selfTest } from '../../../src/core/market/selftest.ts';

describe('the self-test', () => {
  it('finds nothing wrong with this machine', () => {
    expect(selfTest()).toEqual([]);
  });

  it('says in a sentence what a machine computes differently that takes Math.abs wrongly', () => {
    const { abs } = Math;
    try {
      // Corrections downwards are then left out: of ups, and of jumps. No gbm and no regime has any.
      Math.abs = (x) => x;
      const failures = selfTest();
      expect(failures.length).toBeGreaterThan(0);
      for (const failure of failures) {
        expect(failure).toMatch(
          /^(?:walk|market|trades).*: the checksum of block \d+ is [0-9a-f]{8}, it must be [0-9a-f]{8}$/,
        );
      }
    } finally {
      Math.abs = abs;
    }
    expect(selfTest()).toEqual([]);
  });

  it('takes of a market what its models take, and what all have', () => {
    const { imul } = Math;
    try {
      Math.imul = (a, b) => (a * b) | 0;
      const failed = (...kinds: ModelKind[]) =>
        selfTest(new Set(kinds)).map((failure) => failure.split(':')[0]);
      const ofAll = ['walk', 'walk between walls'];
      expect(failed('walk')).toEqual([...ofAll, 'trades']);
      expect(failed('market')).toEqual([...ofAll, 'market', 'trades']);
      expect(failed('ou', 'walk')).toEqual([...ofAll, 'gbm', 'regime', 'trades']);
    } finally {
      Math.imul = imul;
    }
  });

  it('fails for every model on a machine that multiplies wrongly', () => {
    const { imul } = Math;
    try {
      Math.imul = (a, b) => (a * b) | 0;
      expect(selfTest().map((failure) => failure.split(':')[0])).toEqual([
        'walk',
        'walk between walls',
        'gbm',
        'regime',
        'market',
        'trades',
      ]);
    } finally {
      Math.imul = imul;
    }
  });
});

describe('a checksum', () => {
  // FNV-1a by words: of nothing it is the published offset.
  it('is 8 hexadecimal digits, the same for the same prices in any dtype', () => {
    expect(checksum(new Uint8Array(0))).toBe('811c9dc5');
    expect(checksum(Uint8Array.of(1, 2, 3))).toBe(checksum(Float64Array.of(1, 2, 3)));
    expect(checksum(Int32Array.of(-1))).toBe(checksum(Uint32Array.of(2 ** 32 - 1)));
    expect(checksum(new Uint16Array(1))).toMatch(/^[0-9a-f]{8}$/);
  });

  it('is another when a price, the order or the length changes', () => {
    const sums = [[1, 2, 3], [1, 2, 4], [2, 1, 3], [1, 2], [1, 2, 3, 0], [0]].map((prices) =>
      checksum(Uint16Array.from(prices)),
    );
    expect(new Set(sums).size).toBe(6);
  });
});
