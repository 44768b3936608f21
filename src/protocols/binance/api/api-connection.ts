import { Making } from '../../../delivery/making.ts';
import { type Message, SocketConnection } from '../../../delivery/socket-connection.ts';
import type { Bye, Opened } from '../../../delivery/socket-route.ts';
import { MESSAGE_COST, namingCost } from '../../../host/budgets/cost.ts';
import { type Pay, payWork } from '../../../host/budgets/work.ts';
import type { ClientError } from '../../../host/refused.ts';
import { TickwellError } from '../../../wire/errors.ts';
import { BinanceError, toldError } from '../errors.ts';
import type { Endpoint, SizedPlan } from '../http/endpoint.ts';
import { notAuthorised } from '../http/stubs.ts';
import type { BinanceParts } from '../parts.ts';
import type { TimeUnit } from '../time-unit.ts';
import { rateLimits, requestRate } from '../used-weight.ts';
import { answeredAs, type RequestId, requestOf } from './requests.ts';

/** Of RFC 6455: a kind of data that is not taken. */
const NO_TEXT = 1003;

/** What only whoever has an account may do: here nobody has. */
const OF_ACCOUNTS = new RegExp(
  '^(account|allOrder(List)?s|my[A-Z]\\w*|openOrder(List)?s|order(List)?|session|sor|' +
    'userDataStream)(\\.|$)',
);

export interface ApiOptions {
  readonly parts: BinanceParts;
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  readonly unit: TimeUnit;
  /** Whether answers say what was used, unless a request says otherwise. */
  readonly hasLimits: boolean;
}

/** What has been asked for, and what it and all before it in this minute count as. */
interface Answered {
  readonly id: RequestId;
  readonly hasLimits: boolean;
  readonly used: number;
}

/** A client that asks by WebSocket what others ask by HTTP. */
export class ApiConnection extends SocketConnection {
  readonly kind = 'binance';
  readonly #options: ApiOptions;
  readonly #making: Making;
  /** To be called when it has left, for the answer that is being made. */
  #gone = () => {};
  #asked = 0;

  constructor({ outlet, address }: Opened, options: ApiOptions) {
    const { hub, service } = options.parts;
    super(hub, outlet, address, requestRate(service));
    this.#options = options;
    this.#making = new Making(outlet, () => {
      if (!outlet.isClosed) hub.drained(this);
    });
  }

  protected override check(message: Message): void {
    if (typeof message === 'string') requestOf(message);
  }

  protected handle(message: Message): void {
    if (typeof message !== 'string') {
      this.outlet.close(NO_TEXT, 'messages are text');
      return;
    }
    const { parts, endpoints, unit } = this.#options;
    const { limits } = parts.service;
    const request = requestOf(message);
    const { id, method, parameters } = request;
    const endpoint = endpoints.get(method);
    if (endpoint === undefined) throw unknownMethod(method);
    if (this.#making.count >= limits.maxPendingRequests) {
      const rule = `requests that wait must be at most ${limits.maxPendingRequests}`;
      throw new TickwellError('too_many', `${rule}; ask again when one is answered`);
    }
    const used = parts.used.add(this.address, endpoint.weight(parameters));
    const hasLimits = request.hasLimits ?? this.#options.hasLimits;
    const answered = { id, used, hasLimits };
    const answer = endpoint.answer({ parameters, unit, pay: this.#pay });
    if ('body' in answer) this.#say(answered, JSON.stringify(answer.body));
    else this.#makeLater(answer, answered, message);
  }

  protected override refusalOf(message: Message): (refusal: ClientError) => void {
    const { id, hasLimits = this.#options.hasLimits } = answeredAs(String(message));
    return (refusal) => {
      const { status, error } = toldError(refusal, this.hub.service.clock.marketMs());
      const used = this.#options.parts.used.add(this.address, 0);
      const told = `"status":${status},"error":${JSON.stringify(error)}`;
      this.#send({ id, hasLimits, used }, told);
    };
  }

  protected override goodbye(_bye: Bye): string {
    return goodbye(this.hub.service.clock.marketMs());
  }

  protected override goOn(): void {
    this.#making.start();
  }

  protected override forget(): void {
    this.#making.clear();
    this.#gone();
  }

  readonly #pay: Pay = (cost) =>
    payWork(this.#options.parts.service, this.address, cost, MESSAGE_COST);

  /** Pays for an answer, and has it made when there is room for it: one at a time. */
  #makeLater(plan: SizedPlan, answered: Answered, message: Message): void {
    const { answers, limits } = this.#options.parts.service;
    const { leastBytes = 0 } = plan;
    checkLength(leastBytes, limits.maxBinanceMessageBytes, `at least ${leastBytes}`);
    const naming = namingCost(plan.columns);
    this.#pay(answers.has(plan.etag) ? naming : naming + plan.cost);
    this.#asked += 1;
    const tell = this.refusalOf(message);
    this.#making.add({
      id: this.#asked,
      bytes: limits.maxUnreadBytes / 2,
      run: async () => {
        try {
          const text = await this.#textOf(plan);
          this.#say(answered, text);
        } catch (error) {
          if (!this.outlet.isClosed) this.hub.attempt(this, () => this.refuse(error, tell));
        }
      },
    });
  }

  async #textOf(plan: SizedPlan): Promise<string> {
    const { answers, slicer, limits } = this.#options.parts.service;
    const asker = {
      onGone: (then: () => void) => {
        this.#gone = then;
      },
    };
    const { pieces } = await answers.get(plan.etag, plan.isFinal, asker, (isWanted) => {
      const steps = plan.make();
      if (!(steps instanceof Promise)) return slicer.begin(steps, isWanted);
      return steps.then((loaded) => slicer.run(loaded, isWanted));
    });
    this.#gone = () => {};
    const bytes = pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
    checkLength(bytes, limits.maxBinanceMessageBytes);
    // Names and numbers are ASCII.
    return Buffer.concat(pieces).toString('latin1');
  }

  #say(answered: Answered, result: string): void {
    this.#send(answered, `"status":200,"result":${result}`);
  }

  #send({ id, hasLimits, used }: Answered, told: string): void {
    const [weights] = rateLimits(this.#options.parts.service.limits);
    const limits = hasLimits
      ? `,"rateLimits":${JSON.stringify([{ ...weights, count: used }])}`
      : '';
    this.outlet.sendText(`{"id":${JSON.stringify(id)},${told}${limits}}`);
  }
}

/** What a client is told last. */
export function goodbye(nowMs: number): string {
  return JSON.stringify({ event: { e: 'serverShutdown', E: nowMs } });
}

function unknownMethod(method: string): BinanceError {
  if (OF_ACCOUNTS.test(method)) return notAuthorised();
  return new BinanceError('unsupported', 'This method is not supported.', 'unknown_type');
}

/** Throws if an answer is longer than one message may be: HTTP has it then. */
function checkLength(bytes: number, limit: number, given = String(bytes)): void {
  if (bytes <= limit) return;
  const rule = `an answer by WebSocket must be at most ${limit} bytes; ask for less, or over HTTP`;
  throw new TickwellError('range_too_large', `${rule}; given: ${given}`, { limit });
}
