import type { Fetch } from '../client/index.ts';

/** The server that this page came from. */
export const SERVER = new URL('.', document.baseURI);

/** Asks the server, whatever the browser remembers. */
export const fetchAnew: Fetch = (url, init) => fetch(url, { ...init, cache: 'no-store' });
