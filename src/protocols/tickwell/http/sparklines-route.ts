import type { FastifyInstance } from 'fastify';
import { checkWork } from '../../../host/budgets/bounds.ts';
import { pointsCost } from '../../../host/budgets/cost.ts';
import type { Making } from '../../../host/http/body.ts';
import { etagOf } from '../../../host/http/caching.ts';
import { COMPRESSED, type Made, type Responder } from '../../../host/http/responder.ts';
import { checkReady } from '../../../host/readiness.ts';
import { TickwellError } from '../../../wire/errors.ts';
import type { SparklinesAnswer } from '../../../wire/messages.ts';
import { sparklinesAnswer } from '../answers.ts';
import { TextWriter } from '../formats/text.ts';
import type { TickwellService } from '../limits.ts';
import { checkSpeaks, namedId, saidId } from '../market-ids.ts';
import { columnsOf } from '../symbols.ts';
import { checkQuery } from './checks.ts';
import { listsHarm } from './harm.ts';
import { type SparklinesQuery, sparklinesQuery } from './queries.ts';
import { SparklinesAnswer as Schema, taggedAnswers } from './schemas.ts';

/** `GET /v1/sparklines`. */
export function addSparklines(
  app: FastifyInstance,
  service: TickwellService,
  responder: Responder,
): void {
  const { feed, limits, version } = service;
  const { market, history } = feed;
  const schema = {
    tags: ['market'],
    summary: 'One small series per instrument, for lists',
    querystring: sparklinesQuery(limits),
    response: taggedAnswers(Schema, 'The lines'),
  };

  const config = { harm: listsHarm(feed.market) };
  app.get<{ Querystring: SparklinesQuery }>(
    '/v1/sparklines',
    { schema, ...COMPRESSED, config, preValidation: checkQuery(['json']) },
    (request, reply) => {
      checkReady(service);
      const { symbols, points, span, market: asked } = request.query;
      const named = namedId(history, asked);
      checkSpeaks(history, named, history.head);
      const columns = columnsOf(market, symbols, responder.payerOf(request));
      if (columns.length * points > limits.maxPricesPerAnswer) {
        throw new TickwellError(
          'range_too_large',
          `symbols and points must make at most ${limits.maxPricesPerAnswer} prices; given: ` +
            `${columns.length} symbols of ${points} points`,
          { limit: limits.maxPricesPerAnswer },
        );
      }
      const { head } = history;
      const id = saidId(history, named, head);
      const cost = pointsCost(history, columns, points, span);
      const said = `, for ${columns.length} symbols of ${points} points over ${span} ms`;
      checkWork('symbols, points and span', cost, limits, said);
      return responder.answer(request, reply, {
        mediaType: 'application/json',
        etag: etagOf([version, 'sparklines', id, head, points, span], columns),
        columns: columns.length,
        isFinal: false,
        isImmutable: false,
        cost,
        make: () => made(sparklinesAnswer(history, id, head, columns, points, span)),
      });
    },
  );
}

function* made(steps: ReturnType<typeof sparklinesAnswer>): Generator<unknown, Made, void> {
  return { pieces: yield* written(yield* steps), headers: {} };
}

/** A million numbers at once would hold up live rows. */
function* written({ prices, ...about }: SparklinesAnswer): Making {
  const writer = new TextWriter(`${JSON.stringify(about).slice(0, -1)},"prices":[`);
  for (const [n, line] of prices.entries()) {
    if (writer.add(`${n === 0 ? '' : ','}[${line.join(',')}]`)) yield;
  }
  writer.add(']}');
  return writer.end();
}
