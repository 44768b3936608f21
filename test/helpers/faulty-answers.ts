import { request } from 'node:http';

/** One protocol wants to be told who asks. */
export const KEYS = { 'apca-api-key-id': 'key', 'apca-api-secret-key': 'secret' };

/** What came of an answer. */
export interface Came {
  readonly status?: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** As Latin-1. */
  readonly body: string;
  /** What went wrong, where not all of it came. */
  readonly problem?: string;
  readonly ms: number;
}

/** Asks as a client does that sees every byte, and when it came. */
export function askAt(url: string, method = 'GET', headers = {}): Promise<Came> {
  const beganMs = performance.now();
  return new Promise((resolve) => {
    const end = (came: Omit<Came, 'ms'>) => resolve({ ...came, ms: performance.now() - beganMs });
    const asked = request(url, { method, headers, agent: false }, (answer) => {
      const { statusCode: status = 0, headers } = answer;
      let body = '';
      answer.setEncoding('latin1');
      answer.on('data', (chunk: string) => {
        body += chunk;
      });
      answer.on('error', ({ message }) => end({ status, headers, body, problem: message }));
      answer.on('end', () => end({ status, headers, body }));
    });
    asked.on('error', ({ message }) => end({ headers: {}, body: '', problem: message }));
    asked.end();
  });
}
