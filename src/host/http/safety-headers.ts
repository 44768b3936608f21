import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet from 'helmet';

/** Headers of safety, of every answer, refusals too: helmet's, which depend on no request. */
export const SAFETY_HEADERS = askedOfHelmet();

function askedOfHelmet(): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  const response = {
    setHeader(name: string, value: string) {
      headers[name.toLowerCase()] = value;
    },
    removeHeader() {},
  };
  const fill = helmet({
    contentSecurityPolicy: false,
    crossOriginResourcePolicy: { policy: 'cross-origin' },
    strictTransportSecurity: false,
  });
  fill({} as IncomingMessage, response as unknown as ServerResponse, () => {});
  return headers;
}
