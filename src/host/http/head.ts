import type { IncomingMessage } from 'node:http';
import { shown } from '../../core/market/shown.ts';
import { TickwellError } from '../../wire/errors.ts';

/**
 * Throws if a request is of another version or protocol than HTTP/1, which Node's parser lets
 * through: it says `RTSP/1.0` is 1.0, but what is asked so names its place in a sequence.
 */
export function checkVersion({ httpVersion, headers, url }: IncomingMessage): void {
  const isRtsp = headers.cseq !== undefined || /^rtsps?:/i.test(url ?? '');
  if (!isRtsp && (httpVersion === '1.1' || httpVersion === '1.0')) return;
  const given = isRtsp ? 'RTSP' : `HTTP/${httpVersion}`;
  throw new TickwellError('version_not_supported', `the request must be HTTP/1.1; given: ${given}`);
}

/** Source: RFC 9112, section 3.2. */
export function checkHostCount({ headersDistinct, httpVersion }: IncomingMessage): void {
  const { host = [] } = headersDistinct;
  if (host.length === 1 || (host.length === 0 && httpVersion === '1.0')) return;
  const sentence =
    host.length === 0 ? 'Host is missing' : `Host must be given once; given: ${shown(host)}`;
  throw new TickwellError('bad_request', sentence);
}
