import { Making } from '../../../delivery/making.ts';
import { type Message, SocketConnection } from '../../../delivery/socket-connection.ts';
import type { Bye, Opened } from '../../../delivery/socket-route.ts';
import { MESSAGE_COST, namingCost } from '../../../host/budgets/cost.ts';
import { type Pay, payWork } from '../../../host/budgets/work.ts';
import type { Plan } from '../../../host/http/responder.ts';
import type { ClientError } from '../../../host/refused.ts';
import { TickwellError } from '../../../wire/errors.ts';
import { BinanceError, toldError } from '../errors.ts';
import type { Endpoint } from '../http/endpoint.ts';
import { notAuthorised } from '../http/stubs.ts';
import type { BinanceParts } from '../parts.ts';
import type { TimeUnit } from '../time-unit.ts';
import { RATE_LIMITS } from '../used-weight.ts';
import { type ApiRequest, idOf, requestOf } from './requests.ts';

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
type Answered = Pick<ApiRequest, 'id' | 'hasLimits'> & { readonly used: number };

/** A client that asks by WebSocket what others ask by HTTP. */
export class ApiConnection extends SocketConnection {
  readonly kind = 'binance';
  readonly #options: ApiOptions;
  readonly #making: Making;
  /** To be called when it has left, for the answer that is being made. */
  #gone = () => {};
  #asked = 0;

  constructor({ outlet, address }: Opened, options: ApiOptions) {
    const { hub } = options.parts;
    super(hub, outlet, address);
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
    const { id, method, parameters, hasLimits } = requestOf(message);
    const endpoint = endpoints.get(method);
    if (endpoint === undefined) throw unknownMethod(method);
    if (this.#making.count >= limits.maxPendingRequests) {
      const rule = `requests that wait must be at most ${limits.maxPendingRequests}`;
      throw new TickwellError('too_many', `${rule}; ask again when one is answered`);
    }
    const used = parts.used.add(this.address, endpoint.weight(parameters));
    const answered = { id, used, hasLimits: hasLimits && this.#options.hasLimits };
    const answer = endpoint.answer({ parameters, unit, pay: this.#pay });
    if ('body' in answer) this.#say(answered, JSON.stringify(answer.body));
    else this.#makeLater(answer, answered, message);
  }

  protected override refusalOf(message: Message): (refusal: ClientError) => void {
    const id = typeof message === 'string' ? idOf(message) : null;
    return (refusal) => {
      const { status, error } = toldError(refusal, this.hub.service.clock.nowMs());
      const rateLimits = limitsText(this.#options.parts.used.add(this.address, 0));
      const told = `"status":${status},"error":${JSON.stringify(error)}`;
      this.outlet.sendText(`{"id":${JSON.stringify(id)},${told},${rateLimits}}`);
    };
  }

  protected override goodbye(_bye: Bye): string {
    return goodbye(this.hub.service.clock.nowMs());
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
  #makeLater(plan: Plan, answered: Answered, message: Message): void {
    const { answers, limits } = this.#options.parts.service;
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

  async #textOf(plan: Plan): Promise<string> {
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
    const most = limits.maxBinanceMessageBytes;
    if (bytes > most) {
      const rule = `an answer by WebSocket must be at most ${most} bytes`;
      throw new TickwellError('range_too_large', `${rule}; given: ${bytes}`, { limit: most });
    }
    // Names and numbers are ASCII.
    return Buffer.concat(pieces).toString('latin1');
  }

  #say({ id, hasLimits, used }: Answered, result: string): void {
    const rateLimits = hasLimits ? `,${limitsText(used)}` : '';
    const text = `{"id":${JSON.stringify(id)},"status":200,"result":${result}${rateLimits}}`;
    this.outlet.sendText(text);
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

function limitsText(count: number): string {
  return `"rateLimits":${JSON.stringify([{ ...RATE_LIMITS[0], count }])}`;
}
