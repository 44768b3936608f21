import { Type } from 'typebox';
import { FAULT_KINDS, type FaultKind } from '../../../core/faults/kinds.ts';
import { Moment } from './schemas.ts';

/** What is answered of faults as schemas, for the OpenAPI text. */

const Strike = Type.Object(
  {
    time: Moment('Time of the row'),
    kind: Type.Enum(FAULT_KINDS as [FaultKind, ...FaultKind[]], { type: 'string' }),
    clause: Type.Integer({ description: 'The place of its clause in the profile, from 0.' }),
    symbol: Type.Optional(Type.String({ description: 'Whose price; absent for the whole row.' })),
    ms: Type.Optional(Type.Integer({ description: 'How long; of skew, added to the time.' })),
    overtake: Type.Optional(Type.Boolean({ description: 'Whether others need not wait for it.' })),
    form: Type.Optional(Type.String({ description: 'Of corrupt and garbage: how.' })),
    ticks: Type.Optional(Type.Integer({ description: 'Added to the price.' })),
    other: Type.Optional(Type.String({ description: 'Whose price it is.' })),
    code: Type.Optional(Type.Integer({ description: 'Of a close, or the status of an answer.' })),
    retryAfterS: Type.Optional(Type.Integer({ description: 'What Retry-After says.' })),
    bytesPerSecond: Type.Optional(Type.Integer({ description: 'How many, from here on.' })),
    text: Type.Optional(Type.String({ description: 'What is sent before the row.' })),
  },
  { description: 'What is done at a row; a kind says only what it has.' },
);

export const FaultsAnswer = Type.Object({
  market: Type.String(),
  faults: Type.String({ description: 'The profile in its canonical form.' }),
  faultSeed: Type.Integer(),
  since: Moment('Time of the row before the first one looked at'),
  until: Moment('Time of the last row looked at: the next since'),
  head: Type.Optional(Moment('Time of the newest row; absent if until was named')),
  strikes: Type.Array(Strike, { description: 'In the order of rows.' }),
});

export const ProfilesAnswer = Type.Object({
  isOff: Type.Boolean({ description: 'Whether nobody may ask for faults here.' }),
  byDefault: Type.Optional(
    Type.Object(
      { faults: Type.String(), faultSeed: Type.Integer() },
      { description: 'What is done to who asks for nothing else.' },
    ),
  ),
  profiles: Type.Array(
    Type.Object({
      name: Type.String(),
      text: Type.String({ description: 'Its clauses.' }),
      about: Type.Optional(Type.String({ description: 'What it is like.' })),
    }),
  ),
  kinds: Type.Array(
    Type.Object({
      kind: Type.String(),
      of: Type.Enum(['row', 'symbol', 'connection', 'answer'], { type: 'string' }),
      text: Type.String({ description: 'What it does.' }),
    }),
  ),
});
