import type { ModelContext } from './context.ts';
import { CrashBoom } from './crash-boom.ts';
import { Gbm } from './gbm.ts';
import { Jump } from './jump.ts';
import { MarketModel } from './market-model.ts';
import type { MidModel, Model } from './model.ts';
import { Ou } from './ou.ts';
import { Range } from './range.ts';
import { RegimeModel } from './regime.ts';
import { Walk } from './walk.ts';

/** The model of an instrument. */
export function modelOf(context: ModelContext): Model | MidModel {
  const { model } = context.instrument;
  switch (model.kind) {
    case 'walk':
      return new Walk(context);
    case 'gbm':
      return new Gbm(model, context);
    case 'ou':
      return new Ou(model, context);
    case 'jump':
      return new Jump(model, context);
    case 'crash-boom':
      return new CrashBoom(model, context);
    case 'range':
      return new Range(model, context);
    case 'regime':
      return new RegimeModel(model, context);
    case 'market':
      return new MarketModel(model, context);
  }
}
