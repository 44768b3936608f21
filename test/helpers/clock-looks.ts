import { forgetZones } from '../../src/zones/zone.ts';

/**
 * Counts how often `Intl` is asked to format a time, until `restore` is called. Of what others
 * have seen of a clock before, nothing is known.
 */
export function countingLooks() {
  forgetZones();
  const { prototype } = Intl.DateTimeFormat;
  const { format } = Object.getOwnPropertyDescriptors(prototype);
  let looks = 0;
  Object.defineProperty(prototype, 'format', {
    configurable: true,
    get() {
      looks += 1;
      return format.get!.call(this);
    },
  });
  return {
    /** How often it is asked while something is done. */
    during(act: () => unknown): number {
      const before = looks;
      act();
      return looks - before;
    },
    restore: () => Object.defineProperty(prototype, 'format', format),
  };
}
