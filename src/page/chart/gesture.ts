/** How long after the last movement a gesture counts as over. */
const REST_MS = 180;

/**
 * Whether a hand is on the chart. While it is, the library measures every movement from where the
 * gesture began: changing the bars on the right would make the next movement jump.
 *
 * The wheel is not a gesture in this sense: it is ours, and every turn of it is placed absolutely.
 */
export class Gesture {
  readonly #ended: () => void;
  readonly #stopListening = new AbortController();
  readonly #pointers = new Set<number>();
  #waiting: (() => void)[] = [];
  #untilMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `ended` is called when nothing has moved for 180 ms after the hand has left. */
  constructor(element: HTMLElement, ended: () => void) {
    this.#ended = ended;
    const { signal } = this.#stopListening;
    const down = ({ pointerId, button }: PointerEvent) => {
      // The chart is moved by a finger, a pen or the first button.
      if (button !== 0) return;
      this.#pointers.add(pointerId);
      this.#touch();
    };
    const up = ({ pointerId }: PointerEvent) => {
      if (this.#pointers.delete(pointerId)) this.#touch();
    };
    // A menu swallows the release of what has opened it.
    const lost = () => {
      this.#pointers.clear();
      this.#touch();
    };
    element.addEventListener('contextmenu', lost, { signal, capture: true });
    element.addEventListener('pointerdown', down, { signal, capture: true });
    addEventListener('pointerup', up, { signal, capture: true });
    addEventListener('pointercancel', up, { signal, capture: true });
  }

  get isActive(): boolean {
    return this.#pointers.size > 0 || performance.now() < this.#untilMs;
  }

  /** Resolves when no hand is on the chart: at once, if none is. */
  async over(): Promise<void> {
    while (this.isActive) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** The chart moved by itself: during a gesture that is the gesture, a flick that goes on. */
  coast(): void {
    if (this.isActive) this.#touch();
  }

  destroy(): void {
    this.#stopListening.abort();
    clearTimeout(this.#timer);
  }

  #touch(): void {
    this.#untilMs = performance.now() + REST_MS;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#pointers.size > 0) return;
      for (const resolve of this.#waiting.splice(0)) resolve();
      this.#ended();
    }, REST_MS + 1);
  }
}
