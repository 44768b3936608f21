import { ClientError } from './error.ts';

const STREAM = /v1\/stream\/?$/;

/**
 * Where a server is: `http(s)://host[:port][/prefix]`. The address of its stream,
 * `ws(s)://.../v1/stream`, says the same.
 */
export type ServerUrl = string | URL;

/** The address of `path` (such as `v1/rows`) on the server. Throws `bad_url`. */
export function httpUrl(server: ServerUrl, path: string): URL {
  const url = parse(server);
  url.protocol = url.protocol.replace('ws', 'http');
  const prefix = url.pathname.replace(STREAM, '');
  url.pathname = `${prefix.replace(/\/$/, '')}/${path}`;
  url.search = '';
  return url;
}

/** The address of the server's stream; one given as such stays as it is. Throws `bad_url`. */
export function streamUrl(server: ServerUrl): string {
  const given = parse(server);
  const isStream = given.protocol.startsWith('ws') && STREAM.test(given.pathname);
  const url = isStream ? given : httpUrl(given, 'v1/stream');
  url.protocol = url.protocol.replace('http', 'ws');
  return url.href;
}

/** The same server, whose answers and streams are struck by faults. Throws `bad_request`. */
export function faultyUrl(server: ServerUrl, faults?: string, seed?: number): ServerUrl {
  if (faults === undefined) {
    if (seed === undefined) return server;
    throw new ClientError('bad_request', `faultSeed must come with faults; given: ${seed}`);
  }
  const said = seed === undefined ? '' : `:${seed}`;
  return httpUrl(server, `faulty/${encodeURIComponent(faults)}${said}`);
}

function parse(server: ServerUrl): URL {
  let url: URL | undefined;
  try {
    url = new URL(server);
  } catch {
    // Said below, with what was given.
  }
  if (url === undefined || !/^(http|ws)s?:$/.test(url.protocol)) {
    throw new ClientError('bad_url', `url must be http(s):// or ws(s)://; given: ${server}`);
  }
  url.hash = '';
  return url;
}
