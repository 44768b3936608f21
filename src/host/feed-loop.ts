import type { Clock } from './clock.ts';
import type { Service } from './service.ts';
import { Cancelled } from './slicer.ts';

/** The head is looked at this often at least: a clock that stepped back may step forward again. */
const MOST_WAIT_MS = 1000;
const LEAST_WAIT_MS = 1;
/** Rows of a market that is faster than time come together, if several are due in this. */
const BATCH_MS = 10;
/** A wall clock that moved by this much more or less than the steady one has been set. */
const CLOCK_STEP_MS = 500;
/** So often at most rows are begun to be made again before the head goes on. */
const MOST_TURNS = 4;
/** A move over so few rows finds nearly all of them made ahead. */
const FEW_ROWS = 128;
/** Parts of columns that it makes before anything else, of 0.1 to 3 ms: it wants no more by far. */
const STEPS_AT_ONCE = 16;

/** What a loop needs of the server that it belongs to. */
export type LoopService = Pick<
  Service,
  'feed' | 'director' | 'clock' | 'wait' | 'awaited' | 'slicer' | 'metrics' | 'failures' | 'logger'
>;

/**
 * Moves the head of a feed with the clock, for as long as it runs: once a row is due, those who
 * wait for it are served, then the next ones are prepared.
 */
export class FeedLoop {
  readonly #service: LoopService;
  readonly #advanced: () => void;
  /** By how much the wall clock is ahead of the steady one. */
  #offsetMs: number;
  #timer: NodeJS.Timeout | undefined;
  readonly #forgetClock: () => void;
  #isRunning = false;
  #isStopped = false;
  /** Whether rows that are due are being made. */
  #isMoving = false;
  #isPreparing = false;
  /** Whether rows ahead were forgotten that are being made: they are to be made again. */
  #isForgotten = false;
  /** Whether the head waits for them. */
  #isRemaking = false;

  /** `advanced` is called whenever the head has moved. */
  constructor(service: LoopService, advanced: () => void) {
    this.#service = service;
    this.#advanced = advanced;
    this.#offsetMs = offsetOf(service.clock);
    this.#forgetClock = service.clock.onAdded(() => this.#wake());
    service.director.released = () => this.#released();
  }

  /** Makes the rows that are due; yields often. */
  fill(): Generator<void, void, void> {
    const { feed, director, clock } = this.#service;
    return feed.fill(clock.marketMs(), director.mayMakeUntil);
  }

  /** Looks at the clock now, and from then on whenever a row is due, until `stop`. */
  run(): void {
    if (this.#isStopped) return;
    this.#isRunning = true;
    clearTimeout(this.#timer);
    try {
      this.look();
    } finally {
      // A program that outlives a fault is not left without rows.
      if (!this.#isStopped) this.#timer = setTimeout(() => this.run(), this.#waitMs());
    }
  }

  /** Makes the rows that are due, and has them served: at once, unless these are many. */
  look(): void {
    const { director, clock, wait } = this.#service;
    this.#noteClockStep();
    // First, so that nobody is sent a row of a time that it does not know yet.
    clock.look();
    director.look();
    if (!this.#isRemaking && !this.#isMoving) this.#move();
    wait.look();
  }

  /**
   * Moves the head. After a long step, or where the process stood still, whole rings are made:
   * what takes more than a slice is made between everything else. A few rows are there at once,
   * even where other processes take the machine's time.
   */
  #move(): void {
    const { feed, director, clock, slicer, failures } = this.#service;
    const rows = feed.dueRows(clock.marketMs(), director.mayMakeUntil);
    const atOnce = rows <= FEW_ROWS ? STEPS_AT_ONCE : 1;
    const moving = slicer.beginFirst(this.#moving(), () => !this.#isStopped, atOnce);
    if (!(moving instanceof Promise)) return;
    this.#isMoving = true;
    moving
      .catch((error: unknown) => {
        if (!(error instanceof Cancelled)) failures.tell(error);
      })
      .finally(() => {
        this.#isMoving = false;
        this.#wake();
      });
  }

  /** Makes the rows that are due, and has them served before anybody else looks at the head. */
  *#moving(): Generator<void, void, void> {
    const { feed, awaited } = this.#service;
    const before = feed.head;
    yield* this.fill();
    if (feed.head === before) return;
    awaited.look();
    this.#advanced();
    this.#prepare();
  }

  /** Ends it: no row is made any more. */
  stop(): void {
    this.#isStopped = true;
    this.#service.awaited.stop();
    this.#forgetClock();
    clearTimeout(this.#timer);
  }

  /**
   * Something may have been done to rows that were made ahead. They are made again a slice at a
   * time: of ten thousand instruments at once, nothing else would happen for seconds.
   */
  #released(): void {
    if (this.#isRunning) {
      this.#isForgotten = true;
      this.#isRemaking = true;
      this.#prepare();
    }
    this.#wake();
  }

  /** Looks at once: what it waits for may come earlier. */
  #wake(): void {
    if (this.#isRunning && !this.#isStopped) this.run();
  }

  /** After how long to look again. */
  #waitMs(): number {
    const { feed, director, clock } = this.#service;
    // It says itself when there may be more.
    const isMaking = this.#isRemaking || this.#isMoving;
    const isHeld = isMaking || feed.head >= director.mayMakeUntil;
    const rowMs = isHeld ? MOST_WAIT_MS : clock.untilMs(feed.nextDueMs());
    const dueMs = Math.min(rowMs, clock.untilChangeMs());
    const leastMs = clock.speed > 1 ? BATCH_MS : LEAST_WAIT_MS;
    return Math.min(MOST_WAIT_MS, Math.max(leastMs, dueMs));
  }

  /** Makes rows ahead of the head, a slice at a time. */
  #prepare(): void {
    if (this.#isPreparing) return;
    this.#isPreparing = true;
    const { slicer, failures } = this.#service;
    slicer
      .run(this.#preparing(), () => !this.#isStopped)
      .catch((error: unknown) => {
        if (!(error instanceof Cancelled)) failures.tell(error);
      })
      .finally(() => {
        this.#isPreparing = false;
        if (!this.#isRemaking) return;
        this.#isRemaking = false;
        this.#wake();
      });
  }

  *#preparing(): Generator<void, void, void> {
    const { feed } = this.#service;
    // Who does something at every moment does not hold the rows up for ever.
    for (let n = 0; n === 0 || (this.#isForgotten && n < MOST_TURNS); n++) {
      this.#isForgotten = false;
      yield* feed.prepare();
    }
  }

  #noteClockStep(): void {
    const { clock, metrics, logger } = this.#service;
    const offsetMs = offsetOf(clock);
    const stepMs = Math.round(offsetMs - this.#offsetMs);
    this.#offsetMs = offsetMs;
    if (Math.abs(stepMs) < CLOCK_STEP_MS) return;
    metrics.clockSteps += 1;
    logger.warn({ stepMs }, 'the clock was set, or the machine slept');
  }
}

function offsetOf(clock: Clock): number {
  return clock.nowMs() - clock.steadyMs();
}
