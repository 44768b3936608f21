import { stringify } from 'yaml';
import { describeSpec } from '../core/market/spec.ts';
import type { ShowOptions } from './commands/market.ts';
import { loadMarket } from './config.ts';
import { marketFileProblem } from './market-file.ts';
import { writeOutput } from './output.ts';

export async function showMarket(options: ShowOptions): Promise<void> {
  const market = loadMarket(options);
  const spec = describeSpec(market.spec);
  const text =
    options.format === 'yaml'
      ? `# Market id: ${market.id}\n${stringify(spec)}`
      : `${JSON.stringify({ id: market.id, spec }, null, 2)}\n`;
  if (options.format === 'yaml') warnIfTooLarge(text);
  await writeOutput('-', (output) => output.write(text));
}

/** Says on standard error if what is printed cannot be read back: who keeps it would not know. */
function warnIfTooLarge(text: string): void {
  const problem = marketFileProblem(text);
  if (problem === undefined) return;
  process.stderr.write(`tickwell: this is no market file: those must have ${problem}\n`);
}
