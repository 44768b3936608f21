import type { Faults } from '../../core/faults/profile.ts';
import type { Strike } from '../../core/faults/strike.ts';
import type { Address } from '../../host/budgets/addresses.ts';
import { harmCost } from '../../host/budgets/ledger-cost.ts';
import type { Fate } from '../../host/faults/fates.ts';
import type { Frame } from '../encoder.ts';
import type { Hub } from '../hub.ts';
import type { FaultyWay, Socket, Transport, Wire } from '../socket.ts';
import { changesOf } from './changes.ts';
import { FaultLine } from './fault-line.ts';
import type { Framing } from './framing.ts';
import type { Sending } from './line-options.ts';
import type { Follower, Told } from './told.ts';

/** Handed over before the kernel takes them: above it a socket says when it has. */
const HANDED_BYTES = 2 ** 16;
/** Of a message, the newest rows whose strikes on the connection are looked for. */
const MOST_ROWS = 2 ** 10;

export interface FaultyOptions {
  readonly hub: Hub;
  /** The way as it is without faults. */
  readonly plain: Transport;
  readonly faults: Faults;
  readonly framing: Framing;
  /** Who pays for what is decided for it alone. */
  readonly address: Address;
}

/**
 * The way to a client on which rows and the connection are struck, as `Fate` says. Strikes are on
 * rows that come while somebody is there: those that there were when it connected, or when it began
 * to follow, come as they are. So who comes back for a row that it missed gets it.
 *
 * A connection is struck before the message of the row, in whatever protocol it is; at the latest
 * when it has come to that row without one.
 */
export class FaultyTransport implements Socket, FaultyWay {
  readonly faulty = this;
  readonly faults: Faults;
  readonly wire: Wire;
  readonly #hub: Hub;
  readonly #plain: Transport;
  readonly #fate: Fate;
  readonly #framing: Framing;
  readonly #line: FaultLine;
  readonly #address: Address;
  /** The first row by which the connection has not been struck yet. */
  #nextRow: number;
  /** What comes after the next message of its subscription. */
  readonly #reordered = new Map<Follower, readonly Frame[]>();
  #reorderedBytes = 0;
  #wasFull = false;
  #hasRoom = () => {};

  constructor({ hub, plain, faults, framing, address }: FaultyOptions) {
    const { service } = hub;
    this.faults = faults;
    this.#hub = hub;
    this.#plain = plain;
    this.#framing = framing;
    this.#address = address;
    this.#fate = service.fates.of(faults);
    this.#nextRow = service.feed.head;
    this.#line = new FaultLine({
      end: {
        get waitingBytes() {
          return plain.wire.writableLength;
        },
        write: (frame) => plain.write(frame),
        cut: () => plain.cut(),
        close: (code, reason) => plain.close(code, reason),
      },
      nowMs: () => service.clock.steadyMs(),
      wake: hub.faulty.lines.wake,
      released: () => this.#released(),
      handedBytes: HANDED_BYTES,
      halfOpenMs: service.limits.halfOpenMs,
    });
    const waitingBytes = () => this.#waitingBytes;
    this.wire = {
      get writableLength() {
        return waitingBytes();
      },
      write: (frame) => this.write(frame),
    };
    for (const strike of this.#fate.standing) this.#strikeConnection(strike);
  }

  get isDead(): boolean {
    return this.#line.isDead;
  }

  get isHolding(): boolean {
    return this.#line.isHolding || this.#isInDebt;
  }

  onRoom(hasRoom: () => void): void {
    this.#hasRoom = hasRoom;
  }

  /** Sends a frame; one that tells of rows shares the fate of the newest of them. */
  write(frame: Frame, told?: Told): void {
    if (told === undefined) {
      this.#line.send(frame);
    } else {
      this.#strikeUpTo(told.next);
      if (told.next <= told.subscription.firstLive) this.#send([frame], told.subscription);
      else this.#tell(frame, told);
    }
    if (this.#waitingBytes > this.#mostBytes / 2) this.#wasFull = true;
  }

  /** A ping goes in order: its pong says that what stands before it was read. */
  ping(number: number): void {
    this.#line.send(this.#framing.ping(number));
  }

  writeAndPing(frame: Frame, number: number, told?: Told): void {
    this.write(frame, told);
    this.ping(number);
  }

  control(frame: Frame): void {
    this.#line.sendControl(frame);
  }

  cork(): void {
    this.#plain.cork();
  }

  uncork(): void {
    this.#plain.uncork();
  }

  cut(): void {
    this.#line.cut();
  }

  close(code: number, reason: string): void {
    for (const subscription of [...this.#reordered.keys()]) this.#sendReordered(subscription);
    this.#line.close(code, reason);
  }

  rowsCame(next: number): void {
    this.#strikeUpTo(next);
  }

  drained(): void {
    this.#line.look();
  }

  ended(): void {
    this.#line.ended();
    this.#reordered.clear();
    this.#reorderedBytes = 0;
  }

  /** Whether its address owes more than it has: rows then wait as for who is slow. */
  get #isInDebt(): boolean {
    return this.#address.isInDebt(this.#hub.service.clock.steadyMs());
  }

  get #waitingBytes(): number {
    if (this.#isInDebt) return Number.POSITIVE_INFINITY;
    return this.#line.waitingBytes + this.#reorderedBytes + this.#plain.wire.writableLength;
  }

  get #mostBytes(): number {
    return this.#hub.service.limits.maxUnreadBytes;
  }

  /** Some of what waited has been sent, without anybody having asked for it. */
  #released(): void {
    if (!this.#wasFull || this.#waitingBytes > this.#mostBytes / 2) return;
    this.#wasFull = false;
    this.#hasRoom();
  }

  /** Strikes the connection by the rows before `next` that have not done so. */
  #strikeUpTo(next: number): void {
    for (let row = Math.max(this.#nextRow, next - MOST_ROWS); row < next; row++) {
      for (const strike of this.#fate.strikes(row)) this.#strikeConnection(strike);
    }
    this.#nextRow = Math.max(this.#nextRow, next);
  }

  #strikeConnection(strike: Strike): void {
    // One that is held up for long is not held up by ever more.
    if (this.isDead || this.#line.waitingBytes > 2 * this.#mostBytes) return;
    switch (strike.kind) {
      case 'cut':
        this.#line.cut();
        break;
      case 'close':
        this.#line.closeBy(strike.code);
        break;
      case 'stall':
        this.#line.wait(strike.ms, true);
        break;
      case 'burst':
        this.#line.wait(strike.ms, false);
        break;
      case 'halfopen':
        this.#line.halfOpen();
        break;
      case 'throttle':
        this.#line.pace(strike.bytesPerSecond);
        break;
      default:
        return;
    }
    this.#count(strike);
  }

  /** Sends what tells of a row that came while its reader was there. */
  #tell(frame: Frame, told: Told): void {
    const { subscription, next } = told;
    const before = this.#fate.cost;
    const changes = changesOf(this.#hub.history, this.#fate, subscription, next - 1);
    const { harm } = subscription.group.encoder;
    let sent = frame;
    let cost = this.#fate.cost - before;
    if (changes !== undefined && harm !== undefined) {
      cost += harmCost(frame.length);
      sent = harm.alter(frame, told, changes);
      for (const strike of changes.strikes) this.#count(strike);
    }
    if (cost > 0) this.#address.spend(cost, this.#hub.service.clock.steadyMs());
    let copies = 1;
    let isReordered = false;
    const sending: { delayMs: number; overtaken: boolean } = { delayMs: 0, overtaken: false };
    for (const strike of this.#fate.strikes(next - 1)) {
      switch (strike.kind) {
        case 'drop':
          copies = 0;
          break;
        case 'duplicate':
          copies = Math.min(copies, 1) * 2;
          break;
        case 'reorder':
          isReordered = true;
          break;
        case 'delay':
          sending.delayMs += strike.ms;
          sending.overtaken ||= strike.overtake;
          break;
        case 'garbage':
          if (strike.form === 'half') sent = this.#framing.half(sent);
          else this.#line.send(this.#framing.garbage(strike.text));
          break;
        default:
          continue;
      }
      this.#count(strike);
    }
    const frames = Array<Frame>(copies).fill(sent);
    if (isReordered && copies > 0 && !this.#reordered.has(subscription)) {
      this.#reorder(frames, subscription);
    } else {
      this.#send(frames, subscription, sending);
    }
  }

  #send(frames: readonly Frame[], subscription: Follower, sending?: Sending): void {
    for (const frame of frames) this.#line.send(frame, sending);
    if (frames.length > 0) this.#sendReordered(subscription);
  }

  #reorder(frames: readonly Frame[], subscription: Follower): void {
    this.#reordered.set(subscription, frames);
    for (const { length } of frames) this.#reorderedBytes += length;
  }

  /** Sends what was to come after the message that has been sent now. */
  #sendReordered(subscription: Follower): void {
    const frames = this.#reordered.get(subscription);
    if (frames === undefined) return;
    this.#reordered.delete(subscription);
    for (const frame of frames) {
      this.#reorderedBytes -= frame.length;
      this.#line.send(frame);
    }
  }

  #count({ kind }: Strike): void {
    this.#hub.service.metrics.struck(kind);
  }
}

/** The way to a client with the faults that it asked for; as it is, if it asked for none. */
export function faultyWay(
  plain: Transport,
  { faults, ...options }: Omit<FaultyOptions, 'plain' | 'faults'> & { faults: Faults | undefined },
): Transport {
  return faults === undefined ? plain : new FaultyTransport({ ...options, plain, faults });
}
