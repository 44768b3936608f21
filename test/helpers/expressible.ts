import { FAULT_KINDS, type FaultKind } from '../../src/core/faults/kinds.ts';

/**
 * What each way to our rows can say of each kind of fault: `true`, or why it cannot. What it cannot
 * say comes as if nothing had been done. docs/faults.md shows the same, held equal by a test.
 */
export const EXPRESSIBLE: Readonly<Record<string, Readonly<Record<FaultKind, true | string>>>> = {
  'stream, JSON': { ...all(), ...ofAnswers() },
  'stream, binary': {
    ...all(),
    ...ofAnswers(),
    corrupt:
      'no `null`, no `string`; `nan` of `float64` alone, other prices as far as the type goes',
  },
  'event stream': { ...all(), ...ofAnswers(), close: 'ends without a code' },
  'Binance, streams': {
    ...all(),
    ...ofAnswers(),
    skew: 'not of `@bookTicker` and `@depth5`, which tell no times',
  },
  'Binance, WebSocket API': { ...all(), ...ofAnswers(), ...ofRows() },
  'Alpaca, JSON': { ...all(), ...ofAnswers() },
  'Alpaca, MessagePack': { ...all(), ...ofAnswers() },
  Deriv: { ...all(), ...ofAnswers(), skew: 'to whole seconds' },
};

function all(): Record<FaultKind, true | string> {
  return Object.fromEntries(FAULT_KINDS.map((kind) => [kind, true])) as Record<FaultKind, true>;
}

/** What answers to questions by WebSocket cannot say. */
function ofRows(): Partial<Record<FaultKind, string>> {
  const reason = 'of what is followed alone';
  const kinds = ['drop', 'duplicate', 'reorder', 'delay', 'corrupt', 'stale', 'skew', 'garbage'];
  return Object.fromEntries(kinds.map((kind) => [kind, reason]));
}

function ofAnswers(): Partial<Record<FaultKind, string>> {
  const reason = 'of HTTP answers alone';
  return { status: reason, truncate: reason, slow: reason };
}

/** The table of docs/faults.md. */
export function expressibleTable(): string {
  const ways = Object.keys(EXPRESSIBLE);
  const rows = FAULT_KINDS.map((kind) => {
    const cells = ways.map((way) => {
      const said = EXPRESSIBLE[way]![kind];
      return said === true ? 'yes' : said;
    });
    return `| `.concat([`\`${kind}\``, ...cells].join(' | '), ' |');
  });
  return [`| | ${ways.join(' | ')} |`, `|---|${'---|'.repeat(ways.length)}`, ...rows].join('\n');
}
