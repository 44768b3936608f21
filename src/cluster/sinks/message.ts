/** One row as it is published, or what it says of one symbol. */
export interface SinkMessage {
  /** The market id that is in force at the row. */
  readonly market: string;
  /** Of the row, in milliseconds since 1970 UTC. */
  readonly time: number;
  /** The symbol; `*` for all of the row. */
  readonly name: string;
  readonly body: Uint8Array;
}

/** Says which message it is, the same in every process: `market:symbol:time`. */
export function idOf({ market, name, time }: Omit<SinkMessage, 'body'>): string {
  return `${market}:${name}:${time}`;
}

/** What an id says; undefined if it is none. */
export function parseId(id: string): Omit<SinkMessage, 'body'> | undefined {
  const [, market, name, time] = /^([0-9a-f]+):(.+):(-?\d{1,16})$/s.exec(id) ?? [];
  if (market === undefined || name === undefined || time === undefined) return undefined;
  return { market, name, time: Number(time) };
}
