import type { FastifyRequest } from 'fastify';
import type { Pay } from '../../../host/budgets/work.ts';
import type { Responder } from '../../../host/http/responder.ts';
import { checkReady } from '../../../host/readiness.ts';
import type { AnyFormat } from '../formats/format.ts';
import { type Form, negotiate } from '../formats/negotiation.ts';
import type { TickwellService } from '../limits.ts';
import { namedId } from '../market-ids.ts';

/** What every answer that is written in several formats begins with. */
interface Begun<F extends AnyFormat> extends Form<F> {
  readonly pay: Pay;
  /** The market id that it names, which is one of this market's. */
  readonly named: string | undefined;
}

/** Looks whether a request can be answered, how, and whether it is meant for this market. */
export function begun<F extends AnyFormat>(
  service: TickwellService,
  responder: Responder,
  formats: readonly F[],
  request: FastifyRequest<{ Querystring: { format?: F; market?: string } }>,
): Begun<F> {
  checkReady(service);
  const { query, headers } = request;
  const form = negotiate(formats, query.format, headers.accept);
  const named = namedId(service.feed.history, query.market);
  return { ...form, named, pay: responder.payerOf(request as FastifyRequest) };
}
