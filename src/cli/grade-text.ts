import type { FaultsGrade, Grade, Listed, SymbolGrade, WrongValue } from '../core/grading/grade.ts';
import { inQuotes } from '../core/market/quoted.ts';
import { formatTime } from '../core/market/time.ts';

/** Ranges of a kind that are shown of each symbol; JSON has more. */
const SHOWN_RANGES = 3;
const SHOWN_VALUES = 3;

/** A grade, for people to read. */
export function gradeText(grade: Grade): string {
  const { symbols, unknownSymbols, outside, faults, hint } = grade;
  const all = Object.entries(symbols);
  const wrong = all.filter(([, { right }]) => !right);
  const lines = [headline(grade, all.length - wrong.length)];
  for (const [symbol, own] of wrong) lines.push('', ...symbolLines(grade, symbol, own));
  if (unknownSymbols.count > 0) {
    const names = unknownSymbols.names.map(inQuotes).join(', ');
    lines.push('', `${count(unknownSymbols.count)} of symbols that the market has not: ${names}`);
  }
  if (outside > 0) lines.push('', `${count(outside)} before --since or after --until were let be.`);
  if (faults !== undefined) lines.push('', ...faultLines(faults));
  if (hint !== undefined) lines.push('', `Hint: ${hint}.`);
  return `${lines.join('\n')}\n`;
}

function headline({ right, what, records, symbols, from, until, market }: Grade, rights: number) {
  const span =
    from === null || until === null ? '' : `, ${formatTime(from)} to ${formatTime(until)}`;
  const all = Object.keys(symbols).length;
  const whose = `${all} ${all === 1 ? 'symbol' : 'symbols'}`;
  const verdict = right
    ? 'Right'
    : `Not right: ${rights} of ${whose} ${rights === 1 ? 'is' : 'are'}`;
  return `${verdict}. ${records} ${what} of ${whose}${span}, market ${market}.`;
}

function symbolLines({ what }: Grade, symbol: string, own: SymbolGrade): readonly string[] {
  const name = (at: number) => (what === 'trades' ? String(at) : formatTime(at));
  const { missing, twice, outOfOrder, wrong, offGrid, tooLate } = own;
  const parts: (readonly [name: string, count: number, shown: string])[] = [
    ['missing', missing.count, ranges(missing, name)],
    ['twice', twice.count, ranges(twice, name)],
    ['out of order', outOfOrder.count, ranges(outOfOrder, name)],
    ['wrong', wrong.count, values(wrong.first, wrong.count, name)],
    ['off the grid', offGrid.count, offGrid.first.slice(0, SHOWN_VALUES).map(name).join(', ')],
    ['too late to tell', tooLate, ''],
  ];
  const told = parts.filter(([, many]) => many > 0);
  return [
    `${symbol}: ${count(own.records)}`,
    ...told.map(([part, many, shown]) => `  ${part.padEnd(12)} ${many}  ${shown}`.trimEnd()),
  ];
}

function faultLines({ profile, seed, kinds, noExcuse }: FaultsGrade): readonly string[] {
  const rows = Object.entries(kinds).map(([kind, { strikes, recovered, notRecovered }]) => {
    return `  ${kind.padEnd(12)} ${strikes} strikes, ${recovered} recovered, ${notRecovered} not`;
  });
  const left = Object.entries(noExcuse).filter(([, many]) => many > 0);
  const sins = left.map(([sin, many]) => `${many} ${sin}`).join(', ');
  return [`Faults ${profile}, seed ${seed}:`, ...rows, `  no excuse    ${sins || 'none'}`];
}

function ranges({ ranges: all, isCut }: Listed, name: (at: number) => string): string {
  const some = all.slice(0, SHOWN_RANGES).map(([first, last]) => {
    return first === last ? name(first) : `${name(first)} to ${name(last)}`;
  });
  return [...some, ...(isCut || all.length > SHOWN_RANGES ? ['...'] : [])].join(', ');
}

function values(first: readonly WrongValue[], all: number, name: (at: number) => string): string {
  const some = first.slice(0, SHOWN_VALUES).map(({ at, field, given, true: right }) => {
    const said = typeof given === 'number' ? given : inQuotes(given);
    return `${name(at)} ${field} ${said}, not ${right}`;
  });
  return [...some, ...(all > SHOWN_VALUES ? ['...'] : [])].join('; ');
}

function count(records: number): string {
  return `${records} ${records === 1 ? 'record' : 'records'}`;
}
