/**
 * `exp` and `log` from + - * / and sqrt alone, so that they give the same bits on every machine.
 *
 * Math.exp and Math.log differ between versions and processors in their last bit, which would make
 * a price depend on where it was computed. IEEE 754 leaves no such freedom to the five operations
 * used here.
 */

/**
 * ln 2 in two parts; the last 21 bits of the first are zero, so multiples of it up to 2^21 are
 * exact.
 */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

const EXP_STEPS = 64;
const EXP_STEPS_PER_UNIT = EXP_STEPS / (LN2_HIGH + LN2_LOW);
const EXP_STEP_HIGH = LN2_HIGH / EXP_STEPS;
const EXP_STEP_LOW = LN2_LOW / EXP_STEPS;

const SMALLEST_EXPONENT = -1074;
/** `POWERS_OF_2[k + 1074]` is 2^k. */
const POWERS_OF_2 = powersOf2();
/** `ROOTS_OF_2[i]` is 2^(i / 64). */
const ROOTS_OF_2 = rootsOf2();

function powersOf2(): Float64Array {
  const powers = new Float64Array(1024 - SMALLEST_EXPONENT);
  let power = 1;
  for (let k = 0; k < 1024; k++, power *= 2) powers[k - SMALLEST_EXPONENT] = power;
  power = 1;
  for (let k = 0; k >= SMALLEST_EXPONENT; k--, power /= 2) powers[k - SMALLEST_EXPONENT] = power;
  return powers;
}

function rootsOf2(): Float64Array {
  const roots = new Float64Array(EXP_STEPS).fill(1);
  let root = 2;
  for (let bit = EXP_STEPS >> 1; bit > 0; bit >>= 1) {
    root = Math.sqrt(root);
    for (let i = 0; i < EXP_STEPS; i++) if (i & bit) roots[i]! *= root;
  }
  return roots;
}

/** e to the power `x`, within 1e-15 of it, for x from -700 to 700: no price is near its ends. */
export function exp(x: number): number {
  const n = Math.floor(x * EXP_STEPS_PER_UNIT + 0.5);
  const r = x - n * EXP_STEP_HIGH - n * EXP_STEP_LOW;
  const series = 1 + r * (1 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120)))));
  return POWERS_OF_2[(n >> 6) - SMALLEST_EXPONENT]! * (ROOTS_OF_2[n & 63]! * series);
}

/** e^-z, for z of at least 0: what is left of 1 after z; 0 beyond 700. */
export function decay(z: number): number {
  return z > 700 ? 0 : exp(-z);
}

/** 1 - e^-z, for z of at least 0, within 1e-13 of it relatively, however small z is. */
export function decayed(z: number): number {
  if (z > 1 / 64) return 1 - decay(z);
  return z * (1 - z * (1 / 2 - z * (1 / 6 - z * (1 / 24 - z * (1 / 120 - z * (1 / 720))))));
}

const SQRT_2 = Math.sqrt(2);
const SQRT_HALF = SQRT_2 / 2;

/** The natural logarithm of a positive finite `x`, within 1e-15 of it or of its size. */
export function log(x: number): number {
  let exponent = 0;
  let m = x;
  while (m >= SQRT_2) {
    m /= 2;
    exponent++;
  }
  while (m < SQRT_HALF) {
    m *= 2;
    exponent--;
  }
  // log m = 2 artanh f; f^2 <= 0.0295, so twelve terms reach the last bit.
  const f = (m - 1) / (m + 1);
  const s = f * f;
  let series = 0;
  for (let k = 23; k >= 3; k -= 2) series = s * (1 / k + series);
  return exponent * LN2_HIGH + (exponent * LN2_LOW + (2 * f + 2 * f * series));
}
