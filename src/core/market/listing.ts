import type { Check } from './check.ts';
import type { Instrument } from './instrument.ts';
import { inQuotes } from './quoted.ts';
import { unknownName } from './unknown.ts';

/** What an instrument is a kind of: where protocols tell them apart. */
export const ASSET_CLASSES = ['crypto', 'stock'] as const;
export type AssetClass = (typeof ASSET_CLASSES)[number];

/** Protocols that have names of their own for instruments. */
export const NAMING = ['binance', 'udf', 'deriv', 'alpaca'] as const;
export type Naming = (typeof NAMING)[number];

/** How other protocols list an instrument; it decides no price. */
export interface Listing {
  readonly assetClass: AssetClass;
  /** What prices are told in. */
  readonly quote: string;
  /** The names that were given to it. */
  readonly names: Readonly<Partial<Record<Naming, string>>>;
}

const DEFAULT_QUOTE = 'USDT';
const QUOTE = /^[A-Z0-9]{1,10}$/;

interface NameRule {
  readonly isLegal: (name: string, assetClass: AssetClass) => boolean;
  /** The rest of a sentence that begins with the field. */
  readonly rule: string;
}

/** What names their clients can say. */
const RULES: Readonly<Record<Naming, NameRule>> = {
  // Streams lower-case them; some clients take a hyphen for an option.
  binance: {
    isLegal: (name) => /^[A-Z0-9]{2,20}$/.test(name),
    rule: 'must be 2 to 20 of A-Z and 0-9',
  },
  // What is searched comes in capitals; colons and commas mean something else.
  udf: {
    isLegal: (name) => /^[A-Z0-9][A-Z0-9._]{0,29}$/.test(name),
    rule: 'must be 1 to 30 of A-Z, 0-9, dots and underscores, the first no dot',
  },
  deriv: {
    isLegal: (name) => /^\w{2,30}$/.test(name),
    rule: 'must be 2 to 30 letters, digits and underscores',
  },
  alpaca: {
    isLegal: (name, assetClass) =>
      (assetClass === 'stock' ? /^[A-Z0-9.]{1,20}$/ : /^[A-Z0-9]{1,20}\/[A-Z0-9]{1,10}$/).test(
        name,
      ),
    rule: 'must be 1 to 20 of A-Z, 0-9 and dots for a stock, BASE/QUOTE of A-Z and 0-9 for others',
  },
};

/** The listing that an instrument's fields say. */
export function checkListing(
  check: Check,
  path: string,
  symbol: string,
  fields: Readonly<Record<string, unknown>>,
): Listing {
  const assetClass = checkClass(check, `${path}.assetClass`, fields.assetClass);
  const quote = checkQuote(check, `${path}.quote`, fields.quote) ?? partsOf(symbol).quote;
  return { assetClass, quote, names: checkNames(check, `${path}.names`, fields.names, assetClass) };
}

function checkClass(check: Check, path: string, value: unknown): AssetClass {
  if (value === undefined) return 'crypto';
  const found = ASSET_CLASSES.find((known) => known === value);
  if (found === undefined) check.noneOf('asset class', path, ASSET_CLASSES, value);
  return found ?? 'crypto';
}

function checkQuote(check: Check, path: string, value: unknown): string | undefined {
  if (value === undefined || (typeof value === 'string' && QUOTE.test(value))) return value;
  check.problem(path, 'must be 1 to 10 of A-Z and 0-9', value);
  return undefined;
}

function checkNames(check: Check, path: string, value: unknown, assetClass: AssetClass) {
  if (value === undefined) return {};
  const given = check.fields(path, value, NAMING);
  const names: Partial<Record<Naming, string>> = {};
  for (const protocol of NAMING) {
    const name = given?.[protocol];
    if (name === undefined) continue;
    const { isLegal, rule } = RULES[protocol];
    if (typeof name === 'string' && isLegal(name, assetClass)) names[protocol] = name;
    else check.problem(`${path}.${protocol}`, rule, name);
  }
  return names;
}

/** What is said of how an instrument is listed, where that is not what it is by default. */
export function describeListing({
  symbol,
  listing,
}: Instrument): Readonly<Record<string, unknown>> {
  const { assetClass, quote, names } = listing;
  return {
    ...(assetClass === 'crypto' ? {} : { assetClass }),
    ...(quote === partsOf(symbol).quote ? {} : { quote }),
    ...(Object.keys(names).length === 0 ? {} : { names }),
  };
}

/** Notes where two instruments were given one name. */
export function checkNamesApart(check: Check, instruments: readonly Instrument[]): void {
  for (const protocol of NAMING) {
    const places = new Map<string, number>();
    for (const [n, { listing }] of instruments.entries()) {
      const name = listing.names[protocol];
      if (name === undefined) continue;
      const first = places.get(name);
      if (first !== undefined) {
        const rule = `must differ from instruments[${first}].names.${protocol}`;
        check.problem(`instruments[${n}].names.${protocol}`, rule, name);
      }
      places.set(name, n);
    }
  }
}

/** The names by which one protocol knows the instruments of a market. */
export class Names {
  readonly protocol: Naming;
  readonly #names: readonly (string | undefined)[];
  readonly #columns = new Map<string, number>();

  constructor(protocol: Naming, instruments: readonly Instrument[]) {
    this.protocol = protocol;
    // A name that was given is not taken by what another is called by default.
    for (const [column, { listing }] of instruments.entries()) {
      const given = listing.names[protocol];
      if (given !== undefined) this.#columns.set(given, column);
    }
    this.#names = instruments.map((instrument, column) => {
      const given = instrument.listing.names[protocol];
      if (given !== undefined) return given;
      const name = defaultName(protocol, instrument);
      if (name === undefined || this.#columns.has(name)) return undefined;
      this.#columns.set(name, column);
      return name;
    });
  }

  /** Of all columns; undefined for one that the protocol cannot name. */
  get all(): readonly (string | undefined)[] {
    return this.#names;
  }

  /** The name of a column, if it has one. */
  of(column: number): string | undefined {
    return this.#names[column];
  }

  /** The column that a name means. */
  columnOf(name: string): number | undefined {
    return this.#columns.get(name);
  }

  /** One sentence on a name that there is not. */
  unknown(name: string): string {
    const known = this.#names.filter((each) => each !== undefined);
    return unknownName({ kind: 'symbol', name, known });
  }
}

/** Of each instrument that some protocols cannot name, or would name as another, one sentence. */
export function unlisted(instruments: readonly Instrument[]): readonly string[] {
  const all = NAMING.map((protocol) => new Names(protocol, instruments));
  return instruments.flatMap(({ symbol }, column) => {
    const missing = all.filter((names) => names.of(column) === undefined);
    if (missing.length === 0) return [];
    const where = missing.map(({ protocol }) => protocol).join(', ');
    const which = `instruments[${column}] ${inQuotes(symbol)}`;
    return [`${which} must be given names of its own to be listed in ${where}`];
  });
}

/** What a symbol says of a pair: its base, and its quote; the default one if it says none. */
function partsOf(symbol: string): { readonly base: string; readonly quote: string } {
  const [base = ''] = symbol.split('/');
  return { base: plain(base), quote: saidQuote(symbol) ?? DEFAULT_QUOTE };
}

/** What a symbol such as `AUR/VEL` says that its prices are told in, if it says that. */
export function saidQuote(symbol: string): string | undefined {
  const quote = plain(symbol.split('/').slice(1).join(''));
  return QUOTE.test(quote) ? quote : undefined;
}

function plain(text: string): string {
  return text.toUpperCase().replace(/[^A-Z0-9]/g, '');
}

/** What a protocol calls an instrument that was given no name, if it can say that. */
function defaultName(protocol: Naming, { symbol, listing }: Instrument): string | undefined {
  const { base } = partsOf(symbol);
  const { assetClass, quote } = listing;
  const isStock = assetClass === 'stock';
  const pair = protocol === 'alpaca' ? `${base}/${quote}` : `${base}${quote}`;
  const isOwn = isStock && (protocol === 'alpaca' || protocol === 'udf');
  const name = isOwn ? base : pair;
  return base !== '' && RULES[protocol].isLegal(name, assetClass) ? name : undefined;
}
