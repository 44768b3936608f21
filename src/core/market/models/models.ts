import type { ModelContext } from './context.ts';
import { Gbm } from './gbm.ts';
import { MarketModel } from './market-model.ts';
import type { Model } from './model.ts';
import { Walk } from './walk.ts';

/** The model of an instrument. */
export function modelOf(context: ModelContext): Model {
  const { model } = context.instrument;
  switch (model.kind) {
    case 'walk':
      return new Walk(context);
    case 'gbm':
      return new Gbm(model, context);
    case 'market':
      return new MarketModel(model, context);
  }
}
