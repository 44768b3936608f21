import { laggedProduct } from './autocorrelation.ts';
import { centred } from './moments.ts';
import type { Steps } from './steps.ts';

/**
 * How far instruments move together. Symmetric, in the order of the columns given: `matrix[i][j]`
 * is the correlation of i and j. Null where one of them has fewer than 100 values or only one, and
 * where one has more than the other: they are of other hours.
 */
export type CorrelationMatrix = readonly (readonly (number | null)[])[];

/** The correlations of columns. 0.5 ns a value and pair. */
export function* correlationsOf(columns: readonly Float64Array[]): Steps<CorrelationMatrix> {
  const moving: (Float64Array | null)[] = [];
  for (const column of columns) moving.push(yield* normalized(column));
  const matrix = columns.map(() => new Array<number | null>(columns.length).fill(null));
  for (const [i, a] of moving.entries()) {
    if (a === null) continue;
    matrix[i]![i] = 1;
    for (let j = 0; j < i; j++) {
      const b = moving[j]!;
      if (b === null || b.length !== a.length) continue;
      const correlation = yield* laggedProduct(a, b, 0);
      matrix[i]![j] = correlation;
      matrix[j]![i] = correlation;
    }
  }
  return matrix;
}

/** `column` less its mean, its squares adding up to 1; null where `centred` is. */
function* normalized(column: Float64Array): Steps<Float64Array | null> {
  const values = yield* centred(column);
  if (values === null) return null;
  const scale = 1 / Math.sqrt(yield* laggedProduct(values, values, 0));
  for (let i = 0; i < values.length; i++) values[i]! *= scale;
  return values;
}

/** The mean of the correlations of two different instruments; null if there are none. */
export function meanCorrelation(matrix: CorrelationMatrix): number | null {
  let [sum, pairs] = [0, 0];
  for (const [i, row] of matrix.entries()) {
    for (let j = 0; j < i; j++) {
      const correlation = row[j]!;
      if (correlation === null) continue;
      sum += correlation;
      pairs++;
    }
  }
  return pairs === 0 ? null : sum / pairs;
}
