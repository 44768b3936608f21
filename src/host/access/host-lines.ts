import type { IncomingMessage } from 'node:http';

/** The values of all Host lines of a request: of several, `headers` has the first alone. */
export function hostLinesOf({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): string[] {
  const hosts: string[] = [];
  for (let n = 0; n < rawHeaders.length; n += 2) {
    const name = rawHeaders[n]!;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts.push(rawHeaders[n + 1]!);
  }
  return hosts;
}
