import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAULT_KINDS, isCloseCode, isFaultKind, KINDS } from '../../../src/core/faults/kinds.ts';
import { OWN_PROFILES } from '../../../src/core/faults/own.ts';
import { FaultProblem } from '../../../src/core/faults/problem.ts';
import {
  DEFAULT_FAULT_SEED,
  MOST_CLAUSES,
  MOST_LETTERS,
  NO_FAULTS,
  parseFaults,
  parseProfile,
} from '../../../src/core/faults/profile.ts';
import { expectSentence } from '../../helpers/sentence.ts';
import { MALFORMED_PROFILES } from './malformed-profiles.ts';
import { aProfile } from './profiles.ts';

const textOf = (text: string) => parseProfile(text).text;

/** What a profile is refused with. */
function problemOf(text: string, parse: (text: string) => unknown = parseProfile): string {
  try {
    parse(text);
  } catch (error) {
    expect(error).toBeInstanceOf(FaultProblem);
    return (error as Error).message;
  }
  throw new Error(`${text} is taken for a profile`);
}

describe('a profile', () => {
  it.each([
    ['', 'off'],
    ['off', 'off'],
    [' off ', 'off'],
    ['drop@1%', 'drop@1%'],
    ['drop:1%', 'drop@1%'],
    ['drop@01.500%', 'drop@1.5%'],
    ['drop@0.0001%', 'drop@0.0001%'],
    ['drop@100%', 'drop@100%'],
    ['drop@100.0%', 'drop@100%'],
    ['duplicate@60s', 'duplicate@1m'],
    ['reorder@4w', 'reorder@4w'],
    ['delay:200ms@5%', 'delay:200ms@5%'],
    ['delay:1s-1s@5%', 'delay:1s@5%'],
    ['delay:1000ms-2000ms:@5%', undefined],
    ['delay:200ms-2s+overtake@5%', 'delay:200ms-2s+overtake@5%'],
    ['delay:200ms-2s overtake@5%', 'delay:200ms-2s+overtake@5%'],
    ['delay:200ms:5%', undefined],
    ['delay:200ms+5%', 'delay:200ms@5%'],
    ['burst:5s@1m', 'burst:5s@1m'],
    ['corrupt@1%', 'corrupt@1%'],
    ['corrupt:1%', 'corrupt@1%'],
    ['corrupt:zero@1%', 'corrupt:zero@1%'],
    ['corrupt:zero+ticks@1%', 'corrupt:ticks+zero@1%'],
    ['corrupt:other+nan+string+null+zero+negative+ticks@1%', 'corrupt@1%'],
    ['stale@1%', 'stale@1%'],
    ['skew:500ms@1%', 'skew:500ms@1%'],
    ['skew:1h+behind@1%', 'skew:1h+behind@1%'],
    ['skew:1s-60m+ahead@1%', 'skew:1s-1h+ahead@1%'],
    ['cut@30s', 'cut@30s'],
    ['close@30s', 'close:1001@30s'],
    ['close:4999@30s', 'close:4999@30s'],
    ['stall:5s-10s@30s', 'stall:5s-10s@30s'],
    ['halfopen@24h', 'halfopen@1d'],
    ['throttle:2kB/s', 'throttle:2kB/s'],
    ['throttle:2kB', 'throttle:2kB/s'],
    ['throttle:1.5kB/s', 'throttle:1500B/s'],
    ['throttle:1000kB/s@30s', 'throttle:1MB/s@30s'],
    ['garbage@1%', 'garbage@1%'],
    ['garbage:half@1%', 'garbage:half@1%'],
    ['status:503+429@10%', 'status:429+503@10%'],
    ['truncate@1%', 'truncate@1%'],
    ['slow:3s@1%', 'slow:3s@1%'],
    [' drop@1% , cut@30s ', 'drop@1%,cut@30s'],
    ['drop@1%,drop@1%', 'drop@1%,drop@1%'],
    ['maintenance,cut@7s', `${textOf('maintenance')},cut@7s`],
  ])('%s is printed as %s', (text, canonical) => {
    if (canonical === undefined) expect(() => parseProfile(text)).toThrow(FaultProblem);
    else expect(textOf(text)).toBe(canonical);
  });

  it('is itself when what is printed is read', () => {
    fc.assert(
      fc.property(aProfile(), (text) => {
        const profile = parseProfile(text);
        expect(parseProfile(profile.text)).toEqual(profile);
        expect(profile.text.length).toBeLessThanOrEqual(MOST_LETTERS);
      }),
      { numRuns: 2000 },
    );
  });

  it('has room for its longest text', () => {
    const longest = 'corrupt:ticks+negative+zero+null+string+nan@12.3456%';
    const text = Array.from({ length: MOST_CLAUSES }, () => longest).join(',');
    expect(parseProfile(text).text).toBe(text);
    expect(text.length).toBeLessThanOrEqual(MOST_LETTERS);
  });

  it('is refused with one sentence, or is a profile, whatever it is', () => {
    const alphabet = fc.constantFrom(...',:@%+-. /', ...'1290', 'drop', 'delay', 'ms', 's', 'kB');
    const noise = fc.array(alphabet, { maxLength: 20 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(noise, fc.string({ unit: 'binary' })), (text) => {
        try {
          expect(parseProfile(parseProfile(text).text).text).toBe(parseProfile(text).text);
        } catch (error) {
          expect(error).toBeInstanceOf(FaultProblem);
          expect((error as Error).message).toMatch(/^[^\n\p{Cc}]{10,1000}$/u);
        }
      }),
      { numRuns: 5000 },
    );
  });

  it('has every kind that the tables know', () => {
    expect(FAULT_KINDS).toHaveLength(17);
    expect(FAULT_KINDS.every(isFaultKind)).toBe(true);
    expect(isFaultKind('toString')).toBe(false);
    expect(new Set(FAULT_KINDS.map((kind) => KINDS[kind].scope)).size).toBe(4);
  });

  it('closes with codes that may be sent', () => {
    const codes = [999, 1000, 1003, 1004, 1005, 1006, 1007, 1014, 1015, 2999, 3000, 4999, 5000];
    expect(codes.filter(isCloseCode)).toEqual([1000, 1003, 1007, 1014, 3000, 4999]);
  });
});

describe('a profile of our own', () => {
  it.each(OWN_PROFILES)('$name is in its canonical form, and has a name', ({ name, text }) => {
    expect(textOf(text)).toBe(text);
    expect(textOf(name)).toBe(text);
    expect(name).toMatch(/^[a-z0-9-]{1,32}$/);
  });

  it('is one of five', () => {
    expect(OWN_PROFILES).toHaveLength(5);
  });
});

describe('a profile and its seed', () => {
  it.each([
    ['drop@1%', 'drop@1%', DEFAULT_FAULT_SEED],
    ['drop@1%:7', 'drop@1%', 7],
    ['drop:1%:7', 'drop@1%', 7],
    ['delay:1s@5%:0', 'delay:1s@5%', 0],
    ['throttle:2kB/s:7', 'throttle:2kB/s', 7],
    ['flaky-wifi:9007199254740991', textOf('flaky-wifi'), Number.MAX_SAFE_INTEGER],
    ['off:3', 'off', 3],
  ])('%s are %s and %d', (text, profile, seed) => {
    const faults = parseFaults(text);
    expect([faults.profile.text, faults.seed]).toEqual([profile, seed]);
  });

  it('is off where nothing is said', () => {
    expect(parseFaults('')).toEqual({ profile: NO_FAULTS, seed: DEFAULT_FAULT_SEED });
  });

  it.each([
    ['drop@1%:', ''],
    ['drop@1%:9007199254740992', '9007199254740992'],
    ['drop@1%:00000000000000001', '00000000000000001'],
    ['drop@1%:-1', '-1'],
    ['drop@1%,cut@30s:1e3', '1e3'],
    ['cut@30s,flaky-wifi:x', 'x'],
    ['off:x', 'x'],
  ])('%s is refused for its seed', (text, seed) => {
    expectSentence(problemOf(text, parseFaults), 'faultSeed', seed);
  });
});

describe('a malformed profile', () => {
  it.each(MALFORMED_PROFILES)('%s is refused by name', (text, field, given) => {
    expectSentence(problemOf(text), field, given);
  });

  it.each([
    ['dorp@1%', 'did you mean "drop"?'],
    ['flaky-wfi', 'did you mean "flaky-wifi"?'],
    ['corrupt:zeros@1%', 'did you mean "zero"?'],
    ['status:404@1%', 'there are 429, 500, 502, 503'],
    ['packetloss@1%', 'there are drop, duplicate,'],
  ])('%s is told what was meant', (text, hint) => {
    expect(problemOf(text)).toContain(hint);
  });

  it('is refused where it is too long', () => {
    const clauses = Array.from({ length: MOST_CLAUSES + 1 }, () => 'cut@1s').join(',');
    expect(problemOf(clauses)).toMatch(/^faults must have at most 32 clauses; given: cut@1s,/);
    const letters = `drop@1%${' '.repeat(MOST_LETTERS)}`;
    expectSentence(problemOf(letters), 'faults', '2007 letters');
  });
});
