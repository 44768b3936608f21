import type { IncomingMessage, Server } from 'node:http';
import type { Faults } from '../../core/faults/profile.ts';
import { quoted } from '../../core/market/quoted.ts';
import { TickwellError } from '../../wire/errors.ts';
import type { AskedFaults, FaultSettings } from './fault-settings.ts';

/** What a request asked for, or what is wrong with that. */
type Asked = { readonly faults: Faults | undefined } | { readonly problem: unknown };

const asked = new WeakMap<IncomingMessage, Asked>();
/** Of requests for a profile without a slash behind it: where they meant. */
const slashed = new WeakMap<IncomingMessage, string>();

/** A target whose path begins with a profile: what is before, the profile, and what follows. */
const PREFIXED = /^(https?:\/\/[^/?]*)?\/faulty\/([^/?]*)(.*)$/is;
/** The same without the slash behind it, and with a profile. */
const BARE = /^(?:https?:\/\/[^/?]*)?\/faulty\/([^/?]+)(\?.*)?$/is;
/** Paths that have these parameters themselves: they tell of faults, and have none. */
const OWN_PARAMETERS = /^(?:https?:\/\/[^/?]*)?\/v1\/(?:faults|grade)(?:[/?]|$)/i;

const NAMES = { faults: 'profile', faultSeed: 'seed' } as const;

/**
 * Takes what requests ask for out of their targets, before anybody else looks at them: routes and
 * protocols see the target that there would be without. To be called before those listen.
 */
export function takeFaults(server: Server, settings: FaultSettings): void {
  const take = (request: IncomingMessage) => {
    // An upgrade to something else comes again as a request.
    if (!asked.has(request)) asked.set(request, taken(request, settings));
  };
  server.prependListener('request', take);
  server.prependListener('upgrade', take);
}

/**
 * The faults that a request is to be answered with; undefined for none. Throws a `TickwellError` if
 * it asks for some that there are not, or that are off.
 */
export function faultsOf(request: IncomingMessage): Faults | undefined {
  const known = asked.get(request);
  if (known === undefined) return undefined;
  if ('problem' in known) throw known.problem;
  return known.faults;
}

/**
 * Where a request is led to that was for a profile alone, without the slash behind it; undefined
 * for others. What the page asks for would not be below that. Relative, so that who serves this
 * below a path of their own is not left.
 */
export function slashedOf(request: IncomingMessage): string | undefined {
  return slashed.get(request);
}

function taken(request: IncomingMessage, settings: FaultSettings): Asked {
  try {
    return { faults: settings.of(askedIn(request)) };
  } catch (problem) {
    return { problem };
  }
}

/** What a request asks for, which its target says no more then. */
function askedIn(request: IncomingMessage): AskedFaults {
  const { url = '' } = request;
  const [, host = '', prefix, rest = ''] = PREFIXED.exec(url) ?? [];
  const [, alone, query = ''] = BARE.exec(url) ?? [];
  if (alone !== undefined) slashed.set(request, `./${alone}/${query}`);
  let target = url;
  if (prefix !== undefined) target = `${host}${rest.startsWith('/') ? '' : '/'}${rest}`;
  // Even if what follows throws: the path decides how that is said.
  request.url = target;
  const fromQuery = parametersIn(request, target);
  if (prefix === undefined) return fromQuery;
  return { prefix: decoded(prefix), ...fromQuery };
}

function parametersIn(request: IncomingMessage, target: string): AskedFaults {
  const at = target.indexOf('?');
  if (at < 0 || !target.includes('fault', at) || OWN_PARAMETERS.test(target)) return {};
  const found: { profile?: string; seed?: string } = {};
  const others: string[] = [];
  const problems: TickwellError[] = [];
  for (const part of target.slice(at + 1).split('&')) {
    const equals = part.indexOf('=');
    const name = equals < 0 ? part : part.slice(0, equals);
    if (name !== 'faults' && name !== 'faultSeed') {
      others.push(part);
      continue;
    }
    const to = NAMES[name];
    if (found[to] !== undefined) {
      problems.push(new TickwellError('bad_request', `${name} must be given once; given: ${part}`));
    }
    found[to] = decodedValue(equals < 0 ? '' : part.slice(equals + 1));
  }
  request.url = target.slice(0, at) + (others.length === 0 ? '' : `?${others.join('&')}`);
  if (problems[0] !== undefined) throw problems[0];
  return found;
}

function decodedValue(text: string): string {
  return decoded(text.replaceAll('+', ' '));
}

/** Throws a `TickwellError` for what means nothing. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    const rule = 'faults must be percent-encoded where they are';
    throw new TickwellError('bad_request', `${rule}; given: ${quoted(text)}`);
  }
}
