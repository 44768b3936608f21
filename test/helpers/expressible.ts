import { FAULT_KINDS, type FaultKind } from '../../src/core/faults/kinds.ts';

/** True if all of a kind can be said; what of it, as far as it can; a text says why it cannot. */
export type Said = true | { readonly asFar: string } | string;
type Column = Readonly<Record<FaultKind, Said>>;

/**
 * What each way to our rows can say of each kind of fault. What it cannot say comes as if nothing
 * had been done. docs/faults.md shows the same, held equal by a test; another walks every cell.
 */
export const STREAMS = {
  'stream, JSON': { ...all(), ...ofAnswers() },
  'stream, binary': {
    ...all(),
    ...ofAnswers(),
    corrupt: {
      asFar:
        'no `null`, no `string`; `nan` of `float64` alone, other prices as far as the type goes',
    },
  },
  'event stream': { ...all(), ...ofAnswers(), close: { asFar: 'ends without a code' } },
  'Binance, streams': {
    ...all(),
    ...ofAnswers(),
    skew: { asFar: 'not of `@bookTicker` and `@depth5`, which tell no times' },
  },
  'Binance, WebSocket API': { ...all(), ...ofAnswers(), ...ofRows() },
  'Alpaca, JSON': { ...all(), ...ofAnswers() },
  'Alpaca, MessagePack': { ...all(), ...ofAnswers() },
  Deriv: { ...all(), ...ofAnswers(), skew: { asFar: 'to whole seconds' } },
} as const satisfies Readonly<Record<string, Column>>;

/** The same of answers over HTTP. */
export const ANSWERS = {
  '`/v1`, JSON': { ...all(), ...ofStreams() },
  '`/v1`, other formats': { ...all(), ...ofStreams(), ...ofJson() },
  'Binance, REST': {
    ...all(),
    ...ofStreams(),
    skew: { asFar: 'where an answer tells a time' },
  },
  'Alpaca, REST': { ...all(), ...ofStreams() },
  UDF: { ...all(), ...ofStreams(), skew: { asFar: 'of `/history`, to whole seconds' } },
} as const satisfies Readonly<Record<string, Column>>;

export type StreamWay = keyof typeof STREAMS;
export type AnswerWay = keyof typeof ANSWERS;

/** Whether something can be said. */
export function isSaid(said: Said): boolean {
  return typeof said !== 'string';
}

function all(): Record<FaultKind, Said> {
  return Object.fromEntries(FAULT_KINDS.map((kind) => [kind, true])) as Record<FaultKind, true>;
}

function each(reason: string, ...kinds: FaultKind[]): Partial<Record<FaultKind, string>> {
  return Object.fromEntries(kinds.map((kind) => [kind, reason]));
}

/** What is told by an answer to a question, by WebSocket. */
function ofRows() {
  return each(
    'no: asked for',
    ...(['drop', 'duplicate', 'reorder', 'delay', 'corrupt', 'stale', 'skew', 'garbage'] as const),
  );
}

function ofAnswers() {
  return each('of HTTP answers alone', 'status', 'truncate', 'slow');
}

function ofStreams() {
  return each('no: asked for', 'drop', 'duplicate', 'reorder', 'burst');
}

function ofJson() {
  return each('of JSON alone', 'corrupt', 'stale', 'skew');
}

/** A table of docs/faults.md. */
export function expressibleTable(columns: Readonly<Record<string, Column>>): string {
  const ways = Object.keys(columns);
  const rows = FAULT_KINDS.map((kind) => {
    const cells = ways.map((way) => {
      const said = columns[way]![kind];
      if (said === true) return 'yes';
      return typeof said === 'string' ? said : said.asFar;
    });
    return `| `.concat([`\`${kind}\``, ...cells].join(' | '), ' |');
  });
  return [`| | ${ways.join(' | ')} |`, `|---|${'---|'.repeat(ways.length)}`, ...rows].join('\n');
}
