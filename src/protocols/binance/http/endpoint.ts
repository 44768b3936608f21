import type { Pay } from '../../../host/budgets/work.ts';
import type { Plan } from '../../../host/http/responder.ts';
import type { Parameters } from '../parameters.ts';
import type { TimeUnit } from '../time-unit.ts';

/** A request, by whichever transport it came. */
export interface Asked {
  readonly parameters: Parameters;
  readonly unit: TimeUnit;
  /** Pays for what is looked up before there is a plan. */
  readonly pay: Pay;
}

/** What costs nothing beside the request. */
export interface Plain {
  readonly body: unknown;
}

/** What has to be made. */
export interface SizedPlan extends Plan {
  /** How long the answer surely is, so that it is not made where it could not be sent. */
  readonly leastBytes?: number;
}

/** Something that can be asked for: by a path of REST, by a method of the WebSocket API. */
export interface Endpoint {
  /** Below `/api/v3/`. */
  readonly path: string;
  /** Default: its path. */
  readonly method?: string;
  /** What it counts as of what a client may ask in a minute; it is called before `answer`. */
  weight(parameters: Parameters): number;
  /** Throws what is wrong with it. */
  answer(asked: Asked): Plain | SizedPlan;
}
