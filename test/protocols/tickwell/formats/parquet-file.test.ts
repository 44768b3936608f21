import { expect, it } from 'vitest';
import { finish } from '../../../../src/core/market/finish.ts';
import {
  loadParquet,
  ParquetFile,
} from '../../../../src/protocols/tickwell/formats/parquet-file.ts';

const [COLUMNS, GROUPS, ROWS] = [40, 20, 16_384];
const NAME_BYTES = 30;

function* valuesOf() {
  return Float64Array.from({ length: ROWS }, (_, row) => Math.sqrt(row));
}

it('the index of a Parquet file takes at most 50 bytes and a name for each column of each group', async () => {
  const columns = Array.from({ length: COLUMNS }, (_, n) => {
    const name = String(n).padStart(NAME_BYTES, 'x');
    return { name, type: 'float64' as const };
  });
  const file = new ParquetFile(await loadParquet(), columns, {});
  for (let n = 0; n < GROUPS; n++) {
    finish(file.group(ROWS, valuesOf));
  }
  const bytes = finish(file.end()).reduce((sum, { byteLength }) => sum + byteLength, 0);
  expect(bytes / COLUMNS / GROUPS).toBeLessThan(50 + NAME_BYTES);
});
