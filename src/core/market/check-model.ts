import type { Check, Fields } from './check.ts';
import {
  isModelKind,
  MODEL_KINDS,
  type ModelKind,
  type ModelSpec,
  modelsWith,
  PARAMETER_NAMES,
  parametersOf,
} from './models/parameters.ts';
import { DAY_MS } from './time.ts';

/** Spikes that come while one is made up for by half: each block begins with what is left of 40. */
const MOST_SPIKES = 400;

/** The model of an instrument, with its parameters. */
export function checkModel(
  check: Check,
  path: string,
  fields: Fields,
  intervalMs: number,
): ModelSpec {
  const given = fields.model ?? 'walk';
  if (!isModelKind(given)) {
    check.noneOf('model', `${path}.model`, MODEL_KINDS, given);
  }
  const kind: ModelKind = isModelKind(given) ? given : 'walk';
  const known = parametersOf(kind);
  const others = isModelKind(given) ? PARAMETER_NAMES : [];
  for (const name of others) {
    if (Object.hasOwn(known, name) || fields[name] === undefined) continue;
    const rule = `is a parameter of ${modelsWith(name).join(', ')}, not of ${kind}: leave it out`;
    check.problem(`${path}.${name}`, rule, fields[name]);
  }
  const parameters = Object.entries(known).map(([name, parameter]) => [
    name,
    check.parameter(`${path}.${name}`, fields[name], parameter, intervalMs),
  ]);
  // The table gives each model the fields of its type, in the table's order.
  const model: ModelSpec = { kind, ...Object.fromEntries(parameters) };
  if (model.kind === 'market' && model.marketShare + model.sectorShare > 1) {
    const rule = 'must be at most 1 together with marketShare';
    check.problem(`${path}.sectorShare`, rule, model.marketShare + model.sectorShare);
  }
  if (model.kind === 'market' && model.jumpShare + model.feedbackShare > 1) {
    const rule = 'must be at most 1 together with jumpShare';
    check.problem(`${path}.feedbackShare`, rule, model.jumpShare + model.feedbackShare);
  }
  if (model.kind === 'crash-boom') {
    const together = (model.spikesPerDay * model.recovery) / DAY_MS;
    const rule = `must be so short that at most ${MOST_SPIKES} spikes come in one, at spikesPerDay`;
    if (together > MOST_SPIKES) check.problem(`${path}.recovery`, rule, together);
  }
  return model;
}
