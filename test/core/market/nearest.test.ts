import { describe, expect, it } from 'vitest';
import { layOut, nearest } from '../../../src/core/market/nearest.ts';
import { inQuotes } from '../../../src/core/market/quoted.ts';
import { unknownName } from '../../../src/core/market/unknown.ts';

const ROWS = ['symbols', 'fields', 'since', 'until', 'limit', 'last', 'whole', 'format', 'market'];
const LIMITS = ['maxConnections', 'maxConnectionsPerAddress', 'workPerSecond', 'pingMs'];

describe('the nearest name', () => {
  it.each<[string, readonly string[], string | undefined]>([
    // A letter less, more, other, or two swapped.
    ['symbol', ROWS, 'symbols'],
    ['ssince', ROWS, 'since'],
    ['sinse', ROWS, 'since'],
    ['sicne', ROWS, 'since'],
    ['symblos', ROWS, 'symbols'],
    ['formt', ROWS, 'format'],
    // The case of letters.
    ['SINCE', ROWS, 'since'],
    ['nimbo', ['NIMBUS', 'NIMBO'], 'NIMBO'],
    ['MAXCONNECTIONS', LIMITS, 'maxConnections'],
    // A beginning or an end.
    ['sym', ROWS, 'symbols'],
    ['connections', LIMITS, 'maxConnections'],
    ['maxConnectionsPerAddr', LIMITS, 'maxConnectionsPerAddress'],
    ['work', LIMITS, 'workPerSecond'],
    ['since_time_of_last_row', ROWS, 'since'],
    // The fewest slips go before the first of the list.
    ['symblos', ['symbloxx', 'symbols'], 'symbols'],
    ['abcd', ['abce', 'abcf'], 'abce'],
    // Nothing is near what is short, long, empty or far.
    ['tz', ['to', 'from'], undefined],
    ['to', ['to'], 'to'],
    ['offset', ROWS, undefined],
    ['speed', ROWS, undefined],
    ['', ROWS, undefined],
    ['x'.repeat(5000), ROWS, undefined],
    ['constructor', ROWS, undefined],
    ['since', [], undefined],
  ])('to %s of %j is %s', (name, known, near) => {
    expect(nearest(name, known)).toBe(near);
  });

  const draws = () => {
    let state = 1;
    return (most: number) => {
      state = Math.imul(state, 1_103_515_245) + 12_345;
      return ((state >>> 16) & 0x7fff) % most;
    };
  };

  it.each([
    ['short', 4, 6, 'abc'],
    ['longer', 25, 8, 'ab'],
    ['of any letters', 4, 20, 'aé中'],
  ])('is found as a naive distance finds it: %s names', (_, least, more, letters) => {
    const draw = draws();
    const word = () =>
      Array.from({ length: least + draw(more) }, () => letters[draw(letters.length)]).join('');
    for (let n = 0; n < 1000; n++) {
      const [name, known] = [word(), [word(), word(), word()]];
      const slips = known.map((other) => {
        const most = Math.floor(Math.max(name.length, other.length) / 3);
        const distance = naiveSlips(name, other);
        return distance <= most ? distance : Number.POSITIVE_INFINITY;
      });
      const least = Math.min(...slips);
      if (Number.isFinite(least)) expect(nearest(name, known)).toBe(known[slips.indexOf(least)]);
    }
  });

  it('is found among 10,000 that are long and alike, if there is one slip', () => {
    const known = Array.from(
      { length: 10_000 },
      (_, n) => `warehouse.sensor.${String(n).padStart(5, '0')}:volts`,
    );
    const draw = draws();
    for (let n = 0; n < 200; n++) {
      const meant = known[draw(known.length)]!;
      const at = draw(meant.length - 1);
      const [start, end] = [meant.slice(0, at), meant.slice(at + 1)];
      const name = [`${start}${end}`, `${start}x${end}`, `${start}${meant[at]}x${end}`][draw(3)]!;
      const found = nearest(name, known)!;
      expect(naiveSlips(name, found)).toBeLessThanOrEqual(naiveSlips(name, meant));
    }
  });

  it('is not sought behind thousands of names that differ in nothing but the order of letters', () => {
    const alike = Array.from({ length: 10_000 }, (_, n) => {
      const bits = n.toString(2).padStart(16, '0').replaceAll('0', 'ab').replaceAll('1', 'ba');
      return bits;
    });
    const [name, meant] = ['b'.repeat(16) + 'a'.repeat(16), 'b'.repeat(18) + 'a'.repeat(14)];
    expect(nearest(name, [meant, ...alike])).toBe(meant);
    expect(nearest(name, [...alike.slice(0, 100), meant])).toBe(meant);
    // Each takes some thirty looks: a search ends behind a thousand of them.
    expect(nearest(name, [...alike, meant])).not.toBe(meant);
  });

  it('is found among 10,000 that are alike, but not beyond 20,000: a turn stays short', () => {
    const known = Array.from({ length: 10_000 }, (_, n) => `ticker_${String(n).padStart(4, '0')}`);
    expect(nearest('ticker_9999x', known)).toBe('ticker_9999');
    expect(nearest('TICKER_0042', known)).toBe('ticker_0042');
    expect(nearest('nimbo', known)).toBeUndefined();
    const many = [...Array<string>(20_000).fill('x'), 'NIMBO'];
    expect(nearest('nimbo', many.slice(1))).toBe('NIMBO');
    expect(nearest('nimbo', many)).toBeUndefined();
  });

  it('is found without a look at the names of a list that was laid out, but for the one found', () => {
    const looked: string[] = [];
    const names = new Proxy(['ticker_00', 'ticker_01', 'nimbo'], {
      get(list, name, self) {
        if (/^\d+$/.test(String(name))) looked.push(String(name));
        return Reflect.get(list, name, self);
      },
    });
    layOut(names);
    expect(looked).toEqual(['0', '1', '2']);
    expect(nearest('nimbx', names)).toBe('nimbo');
    expect(nearest('offset', names)).toBeUndefined();
    expect(looked).toEqual(['0', '1', '2', '2']);
  });
});

/** Source: the recursion that defines the optimal string alignment distance. */
function naiveSlips(a: string, b: string): number {
  const slips: number[][] = [];
  for (let i = 0; i <= a.length; i++) {
    slips.push([]);
    for (let j = 0; j <= b.length; j++) {
      let least = i === 0 ? j : j === 0 ? i : Number.POSITIVE_INFINITY;
      if (i > 0 && j > 0) {
        const same = a[i - 1] === b[j - 1] ? 0 : 1;
        least = Math.min(
          slips[i - 1]![j - 1]! + same,
          slips[i - 1]![j]! + 1,
          slips[i]![j - 1]! + 1,
        );
        const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
        if (isSwap) least = Math.min(least, slips[i - 2]![j - 2]! + 1);
      }
      slips[i]!.push(least);
    }
  }
  return slips[a.length]![b.length]!;
}

describe('a sentence about an unknown name', () => {
  it.each([
    [{}, 'unknown parameter "symbol" of /v1/rows; did you mean "symbols"?'],
    [
      { name: 'resolution', elsewhere: ['/v1/candles'] },
      'unknown parameter "resolution" of /v1/rows; it is one of /v1/candles',
    ],
    // A slip goes before a name that somebody else has, a part behind it.
    [{ elsewhere: ['/v1/candles'] }, /; did you mean "symbols"\?$/],
    [{ name: 'lastEventId', elsewhere: ['/v1/events'] }, /; it is one of \/v1\/events$/],
    [{ name: 'lastEventId' }, /; did you mean "last"\?$/],
    // What is called otherwise elsewhere, where it is known by its own name.
    [{ name: 'Time-Zone', known: ['time', 'tz'] }, /; did you mean "tz"\?$/],
    [{ name: 'start', known: ['since', 'until'], elsewhere: ['x'] }, /; did you mean "since"\?$/],
    [{ name: 'start', known: ['since', 'from'] }, /; did you mean "from"\?$/],
    [{ name: 'timezone', known: ['to', 'from'] }, /; there are to, from$/],
    [
      { name: 'tz', known: ['to', 'from'] },
      'unknown parameter "tz" of /v1/rows; there are to, from',
    ],
    [{ name: 'tz', known: [] }, 'unknown parameter "tz" of /v1/rows, which takes none'],
    [{ name: 'tz', known: Array(17).fill('x') }, 'unknown parameter "tz" of /v1/rows'],
    [{ name: 'tz', see: '/docs lists all' }, 'unknown parameter "tz" of /v1/rows; /docs lists all'],
    [{ name: '', known: [] }, /^unknown parameter "" of /],
    [{ name: '\u001b[2J"\n', known: [] }, /^unknown parameter "\\u001b\[2J\\"\\n" of /],
  ])('%o', (changes, sentence) => {
    const asked = { kind: 'parameter', name: 'symbol', known: ROWS, of: '/v1/rows', ...changes };
    expect(unknownName(asked)).toMatch(sentence);
  });

  it('shows a long name cut', () => {
    expect(inQuotes('x'.repeat(61))).toBe(`"${'x'.repeat(57)}..."`);
  });
});
