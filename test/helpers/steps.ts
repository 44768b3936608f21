import { onTestFinished } from 'vitest';

/** Counts what is done between two yields of long work: tests of slices look at no clock. */

/** The most that `count` rises by between two yields of `steps`, how often it yields, the result. */
export function mostPerStep<T>(steps: Generator<unknown, T, void>, count: () => number) {
  let [most, yields] = [0, 0];
  for (;;) {
    const before = count();
    const step = steps.next();
    yields += 1;
    most = Math.max(most, count() - before);
    if (step.done) return { most, yields, result: step.value };
  }
}

/** `target`, and how many of its numbers were asked for, and set; of its parts too. */
export function counting<A extends ArrayLike<number>>(target: A) {
  let [asked, set] = [0, 0];
  const counted = (of: object): object =>
    new Proxy(of, {
      get(real, name) {
        if (isPlace(name)) asked += 1;
        const value = Reflect.get(real, name, real);
        if (typeof value !== 'function' || name === 'constructor') return value;
        if (name !== 'subarray') return value.bind(real);
        return (...given: unknown[]) => counted(value.apply(real, given));
      },
      set(real, name, value) {
        if (isPlace(name)) set += 1;
        return Reflect.set(real, name, value, real);
      },
    });
  return { values: counted(target as object) as unknown as A, asked: () => asked, set: () => set };
}

/** Whether a property is a number of an array. */
function isPlace(name: string | symbol): boolean {
  return typeof name === 'string' && name.charCodeAt(0) <= '9'.charCodeAt(0);
}

/** Has each call of `object[name]` counted by `weigh`, until `restore`. */
export function counter<O extends object, K extends keyof O>(
  object: O,
  name: K,
  weigh: (...given: never[]) => number = () => 1,
) {
  let counted = 0;
  const isOwn = Object.hasOwn(object, name);
  const real = object[name] as (...given: unknown[]) => unknown;
  const counts = function (this: unknown, ...given: unknown[]) {
    counted += weigh(...(given as never[]));
    return real.apply(this, given);
  };
  Object.defineProperty(object, name, { value: counts, configurable: true, writable: true });
  return {
    counted: () => counted,
    restore: () => {
      if (isOwn)
        Object.defineProperty(object, name, { value: real, configurable: true, writable: true });
      else Reflect.deleteProperty(object, name);
    },
  };
}

/** The same, until the test that is running ends; gives how much was counted. */
export function counted(...given: Parameters<typeof counter<never, never>>): () => number {
  const { counted: read, restore } = counter(...given);
  onTestFinished(restore);
  return read;
}
