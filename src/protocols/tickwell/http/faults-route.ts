import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Decider } from '../../../core/faults/decider.ts';
import { FAULT_KINDS, KINDS } from '../../../core/faults/kinds.ts';
import { ledgerWork } from '../../../core/faults/ledger.ts';
import { OWN_PROFILES } from '../../../core/faults/own.ts';
import { DEFAULT_FAULT_SEED, type Faults, NO_FAULTS } from '../../../core/faults/profile.ts';
import { ledgerCost } from '../../../host/budgets/ledger-cost.ts';
import { faultsOf } from '../../../host/faults/asked-faults.ts';
import { contentTypeOf } from '../../../host/http/body.ts';
import { etagOf } from '../../../host/http/caching.ts';
import { COMPRESSED, exposed, type Made, type Responder } from '../../../host/http/responder.ts';
import { answers } from '../../../host/http/schemas.ts';
import { TickwellError } from '../../../wire/errors.ts';
import { type LedgerRange, ledgerRangeOf, readStrikes } from '../faults.ts';
import { STRIKES_FORMATS, type StrikesFormat } from '../formats/format.ts';
import { notationOf } from '../formats/notation.ts';
import { strikesHeaders, strikesWriter, type WrittenStrikes } from '../formats/strikes.ts';
import type { TickwellService } from '../limits.ts';
import { columnsOf } from '../symbols.ts';
import { begun } from './begun.ts';
import { checkQuery } from './checks.ts';
import { FaultsAnswer, ProfilesAnswer } from './faults-schema.ts';
import { type FaultsQuery, faultsQuery } from './queries.ts';
import { STRIKES_HEADERS, taggedAnswers } from './schemas.ts';

/** `GET /v1/faults` and `/v1/faults/profiles`. */
export function addFaults(
  app: FastifyInstance,
  service: TickwellService,
  responder: Responder,
): void {
  addProfiles(app, service);
  const { feed, limits, version } = service;
  const { history, market } = feed;
  const schema = {
    tags: ['faults'],
    summary: 'What is done to rows, connections and answers under a profile',
    querystring: faultsQuery(limits),
    response: taggedAnswers(FaultsAnswer, 'The strikes', STRIKES_FORMATS, STRIKES_HEADERS),
  };

  app.get<{ Querystring: FaultsQuery }>(
    '/v1/faults',
    { schema, ...COMPRESSED, preValidation: checkQuery(STRIKES_FORMATS) },
    (request, reply) => {
      const { query } = request;
      const { format, mediaType, pay, named } = begun(service, responder, STRIKES_FORMATS, request);
      const notation = notationOf(format, query);
      const faults = faultsIn(service, request as FastifyRequest);
      const columns = columnsOf(market, query.symbols, pay);
      const decider = new Decider(faults, market.grid, market.symbols);
      const work = ledgerWork(decider, columns.length);
      const range = ledgerRangeOf(history, limits, query, work);
      const { from, next, most, head } = range;
      // What was done to the market makes no difference to what is done to its rows on their way.
      const id = named ?? market.id;
      const about = { grid: market.grid, id, faults, from, notation, head };
      const { profile, seed } = faults;
      const rows = [from, next, most, head ?? 'named'];
      return responder.answer(request, reply, {
        mediaType,
        etag: etagOf(
          [version, 'faults', mediaType, id, profile.text, seed, ...rows, notation.time],
          columns,
        ),
        columns: columns.length,
        isFinal: head === undefined,
        isImmutable: head === undefined && query.since !== 'now' && named !== undefined,
        cost: ledgerCost(work, next - from, most),
        make: () => madeStrikes(decider, columns, range, { format, about }),
      });
    },
  );
}

/**
 * The faults that a query names, or a path before it, or that everybody has here who asks for no
 * others.
 */
function faultsIn(service: TickwellService, request: FastifyRequest): Faults {
  const query = request.query as FaultsQuery;
  const said = faultsOf(request.raw);
  const profile = query.faults ?? said?.profile.text;
  const seed = query.faultSeed ?? (said === undefined ? undefined : String(said.seed));
  if (profile === undefined) {
    const what = 'a profile, such as drop@1%, or the name of one; /v1/faults/profiles lists those';
    throw new TickwellError('bad_request', `faults is missing: ${what}`);
  }
  return service.faults.of({ profile, seed }) ?? { profile: NO_FAULTS, seed: DEFAULT_FAULT_SEED };
}

interface Writing {
  readonly format: StrikesFormat;
  readonly about: Omit<WrittenStrikes, 'next' | 'entries'>;
}

function* madeStrikes(
  decider: Decider,
  columns: readonly number[],
  range: LedgerRange,
  { format, about }: Writing,
): Generator<unknown, Made, void> {
  const strikes = { ...about, ...(yield* readStrikes(decider, columns, range)) };
  const pieces = yield* strikesWriter(format)(strikes);
  return { pieces, headers: format === 'json' ? {} : exposed(strikesHeaders(strikes)) };
}

function addProfiles(app: FastifyInstance, { faults }: TickwellService): void {
  const schema = {
    tags: ['faults'],
    summary: 'The profiles that have a name, and the kinds of faults',
    response: answers(ProfilesAnswer, 'The profiles'),
  };
  const { names, byDefault, isOff } = faults;
  const profiles = [...names].map(([name, text]) => {
    return { name, text, about: OWN_PROFILES.find((own) => own.name === name)?.about };
  });
  const kinds = FAULT_KINDS.map((kind) => ({
    kind,
    of: KINDS[kind].scope,
    text: KINDS[kind].text,
  }));
  const standard = byDefault && { faults: byDefault.profile.text, faultSeed: byDefault.seed };
  const body = JSON.stringify({ isOff, byDefault: standard, profiles, kinds });

  app.get('/v1/faults/profiles', { schema }, (_, reply) =>
    reply
      .headers({ 'content-type': contentTypeOf('application/json'), 'cache-control': 'no-store' })
      .send(body),
  );
}
