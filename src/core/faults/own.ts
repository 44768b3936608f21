/** A profile with a name. */
export interface NamedProfile {
  readonly name: string;
  /** Its clauses. */
  readonly text: string;
  /** What it is like. */
  readonly about: string;
}

/** Those that every server knows. */
export const OWN_PROFILES: readonly NamedProfile[] = [
  {
    name: 'flaky-wifi',
    text:
      'delay:20ms-400ms@10%,stall:1s-4s@0.5%,burst:2s@0.5%,cut@2m,' +
      'slow:200ms-2s@10%,truncate@0.5%',
    about:
      'A train with wireless: rows come late or in bursts, and every other minute nothing goes.',
  },
  {
    name: 'bad-vendor',
    text:
      'drop@0.5%,duplicate@0.5%,reorder@0.5%,corrupt@0.2%,stale@0.5%,skew:1ms-2s@0.2%,' +
      'garbage@0.2%,status:500@1%',
    about: 'The line is fine and what comes is not: rows lack, come twice, and are wrong.',
  },
  {
    name: 'reconnect-storm',
    text: 'cut@11s,close:1012@17s,close:1001@1m,halfopen@95s,status:429+503@20%',
    about: 'No connection lives for long, and some who come back are asked to wait.',
  },
  {
    name: 'slow-consumer',
    text: 'throttle:4kB/s,delay:100ms-500ms@5%,stall:2s-8s@0.5%,slow:1s-5s@20%',
    about:
      'The last mile is too narrow: catching up takes long, and now and then all stands still.',
  },
  {
    name: 'maintenance',
    text: 'close:1012@2m,stall:5s@5m,status:502+503@30%,slow:2s-6s@10%',
    about:
      'Servers are replaced one by one: they say so when they close, and a third cannot answer.',
  },
];
