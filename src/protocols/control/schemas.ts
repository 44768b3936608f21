import { Type } from 'typebox';
import { EFFECT_KINDS, MOST_EFFECTS } from '../../core/market/entries/effects.ts';
import { SCENARIO_NAMES } from '../../core/market/entries/scenarios.ts';
import { MOST_SPEED } from '../../core/timeline/market-time.ts';

/** Of the OpenAPI text alone: bodies are checked by `requests.ts`, which says more. */

const Moment = Type.Union([Type.Integer(), Type.String()]);
const Duration = Type.Union([Type.Integer(), Type.String()], {
  description: 'Text such as 30s, or milliseconds.',
});
const Percent = Type.Number({ minimum: -99.9, maximum: 10_000 });

const TARGET = {
  symbol: Type.Optional(Type.String({ description: 'One instrument. Default: all.' })),
  sector: Type.Optional(Type.String({ description: 'Instead: all of a sector.' })),
};
const TARGETS = {
  ...TARGET,
  symbols: Type.Optional(
    Type.Array(Type.String(), {
      minItems: 1,
      maxItems: MOST_EFFECTS,
      description: 'Instead: several instruments.',
    }),
  ),
};
const EFFECT = {
  kind: Type.String({ enum: [...EFFECT_KINDS] }),
  after: Type.Optional(Duration),
  percent: Type.Optional(Percent),
  over: Type.Optional(Duration),
  backPercent: Type.Optional(Type.Number({ minimum: 0, maximum: 1000 })),
  backOver: Type.Optional(Duration),
  factor: Type.Optional(Type.Number({ minimum: 0, maximum: 100 })),
  percentPerDay: Type.Optional(Percent),
  for: Type.Optional(Duration),
  resume: Type.Optional(Type.String({ enum: ['base', 'frozen'] })),
  spread: Type.Optional(Type.Number({ minimum: 0.01, maximum: 100 })),
  depth: Type.Optional(Type.Number({ minimum: 0.01, maximum: 100 })),
  volume: Type.Optional(Type.Number({ minimum: 0.01, maximum: 100 })),
};
const WHEN = {
  key: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9._:-]{1,64}$',
      description: 'The same key and body get the same answer for ever, and are done once.',
    }),
  ),
  at: Type.Optional(Moment),
};

export const EventBody = Type.Object({ ...EFFECT, ...TARGETS, ...WHEN });

const Effect = Type.Object({ ...EFFECT, ...TARGET });

export const ScenarioBody = Type.Object({
  scenario: Type.Union([
    Type.String({ enum: [...SCENARIO_NAMES] }),
    Type.Object({ name: Type.Optional(Type.String()), effects: Type.Array(Effect) }),
  ]),
  ...TARGETS,
  ...WHEN,
});

export const ClockBody = Type.Object({
  speed: Type.Optional(
    Type.Number({ minimum: 0, maximum: MOST_SPEED, description: 'How fast it goes; 0: a pause.' }),
  ),
  paused: Type.Optional(
    Type.Boolean({ description: 'Whether it stands still; then it goes on as fast as before.' }),
  ),
  step: Type.Optional(
    Type.Union([Type.Integer({ minimum: 1 }), Type.String()], {
      description: 'So many rows more of a market that stands still; or so much time, such as 10s.',
    }),
  ),
  key: WHEN.key,
});

export const TurnedAnswer = Type.Object({
  key: Type.String(),
  index: Type.Integer({ description: 'The first row that obeys it.' }),
  time: Type.Integer({ description: 'The time of that row.' }),
  market: Type.String({ description: 'The id of the market, which no clock changes.' }),
  now: Type.Integer({ description: "The market's time from which on it holds." }),
  speed: Type.Number({ description: 'How fast that goes from there on.' }),
});

export const TakenAnswer = Type.Object({
  key: Type.String(),
  index: Type.Integer({ description: 'The first row that it changes, or may.' }),
  time: Type.Integer({ description: 'The time of that row.' }),
  market: Type.String({ description: 'The id of the market from then on.' }),
  provisional: Type.Boolean({
    description: 'Whether what is done later may take effect before, and make that id another.',
  }),
});

export const AllowedAnswer = Type.Object({
  allowed: Type.Boolean(),
  code: Type.Optional(Type.String({ description: 'Of the error that all else would be.' })),
  message: Type.Optional(Type.String()),
});

export const LogAnswer = Type.Object({
  market: Type.String({ description: 'The id of the market once all has taken effect.' }),
  entries: Type.Array(
    Type.Object({
      key: Type.String(),
      index: Type.Integer(),
      time: Type.Integer(),
      market: Type.String({ description: 'The id of the market from that row on.' }),
      name: Type.Optional(Type.String({ description: 'Of a scenario.' })),
      effects: Type.Array(Effect),
    }),
  ),
});

export const ScenariosAnswer = Type.Object({
  scenarios: Type.Array(
    Type.Object({ name: Type.String(), text: Type.String(), effects: Type.Array(Effect) }),
  ),
});
