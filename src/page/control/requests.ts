import { askFor } from '../ask.ts';
import { SERVER } from '../server.ts';

/** For as long as the tab is open: whoever sits there next has none. */
const KEY = 'tickwell.control-token';

let token = kept();

function kept(): string | undefined {
  try {
    return sessionStorage.getItem(KEY) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Has all that is asked from now on say this token; undefined for none. */
export function useToken(given: string | undefined): void {
  token = given;
  try {
    if (given === undefined) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, given);
  } catch {
    // Storage may be forbidden: it then lasts as long as the page.
  }
}

export const hasToken = () => token !== undefined;

/** Whether this page may have things done to the market; else why not. */
export interface Permission {
  readonly allowed: boolean;
  /** `unauthorised` if a token would do. */
  readonly code?: string;
  readonly message?: string;
}

export const askPermission = () => askControl<Permission>('');

/** Asks the control API, or has it do something; throws an error with a sentence for people. */
export function askControl<Answer>(path: string, body?: object): Promise<Answer> {
  const url = new URL(`v1/control${path}`, SERVER);
  const headers = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  if (body === undefined) return askFor(url, { headers });
  return askFor(url, { headers, method: 'POST', body: JSON.stringify(body) });
}
