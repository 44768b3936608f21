import type { ServerResponse } from 'node:http';

const LISTENERS = Symbol('whoever is told that an answer is over');

interface Watched extends ServerResponse {
  [LISTENERS]?: (() => void)[];
}

/** Calls `then` once, when the answer was sent or its connection is gone. */
export function whenOver(response: ServerResponse, then: () => void): void {
  const watched: Watched = response;
  const listeners = watched[LISTENERS];
  if (listeners !== undefined) {
    listeners.push(then);
    return;
  }
  watched[LISTENERS] = [then];
  // Two for all who are told: to listen costs more than what most of them do.
  response.on('finish', over);
  response.on('close', over);
}

function over(this: Watched): void {
  const listeners = this[LISTENERS] ?? [];
  this[LISTENERS] = [];
  for (const then of listeners) then();
}
