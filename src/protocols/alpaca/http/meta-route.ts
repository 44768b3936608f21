import type { FastifyInstance } from 'fastify';
import { quoted } from '../../../core/market/quoted.ts';
import { TickwellError } from '../../../wire/errors.ts';
import { EXCHANGE, QUOTE_CONDITION, TRADE_CONDITION } from '../items.ts';
import { checkKey } from './begun.ts';

const CONDITIONS: Readonly<Record<string, object>> = {
  trade: { [TRADE_CONDITION]: 'Regular Sale' },
  quote: { [QUOTE_CONDITION]: 'Regular Market Maker Open' },
};

/** What the codes of trades and quotes stand for. */
export function addMeta(app: FastifyInstance): void {
  app.get('/v2/stocks/meta/exchanges', (request) => {
    checkKey(request);
    return { [EXCHANGE]: 'Tickwell, a market that does not exist' };
  });
  app.get<{ Params: { readonly ticktype: string } }>(
    '/v2/stocks/meta/conditions/:ticktype',
    (request) => {
      checkKey(request);
      const { ticktype } = request.params;
      if (Object.hasOwn(CONDITIONS, ticktype)) return CONDITIONS[ticktype];
      const rule = 'it must be trade or quote';
      throw new TickwellError('bad_request', `invalid ticktype: ${quoted(ticktype)}; ${rule}`);
    },
  );
}
