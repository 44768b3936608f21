import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wantedOf } from '../../src/core/history/wanted.ts';
import { FIELDS } from '../../src/core/market/fields.ts';
import { valuesJson } from '../../src/wire/json.ts';
import { areNamed, listOf, namesOf } from '../../src/wire/row-names.ts';

/** Lists of different fields, in any order. */
const lists = fc.shuffledSubarray([...FIELDS], { minLength: 1 });

describe('rows', () => {
  it('say `last` alone as `prices`, which are not listed', () => {
    expect(areNamed(['last'])).toBe(false);
    expect(namesOf(['last'])).toEqual(['prices']);
    expect(listOf(['last'])).toEqual({});
    expect(valuesJson(['last'], [Uint8Array.of(7, 8), Uint8Array.of(9)])).toBe(
      '"prices":[[7,8],[9]]',
    );
  });

  it('list any other fields, and say each under its own name', () => {
    fc.assert(
      fc.property(lists, (fields) => {
        fc.pre(String(fields) !== 'last');
        expect(areNamed(fields)).toBe(true);
        expect(namesOf(fields)).toEqual(fields);
        expect(listOf(fields)).toEqual({ fields });
        const values = fields.map((_, n) => Uint8Array.of(n));
        const said = { fields, ...Object.fromEntries(fields.map((name, n) => [name, [[n]]])) };
        expect(`{${valuesJson(fields, values)}}`).toBe(JSON.stringify(said));
      }),
    );
  });

  it('are made of trades if they hold any field but `last` and `status`', () => {
    expect(wantedOf(['last'], [0])).toEqual({
      what: 'rows',
      fields: ['last'],
      columns: [0],
      isTraded: false,
    });
    fc.assert(
      fc.property(lists, (fields) => {
        const traded = fields.filter((field) => field !== 'last' && field !== 'status');
        expect(wantedOf(fields, []).isTraded).toBe(traded.length > 0);
      }),
    );
  });
});
