import type { Command } from 'commander';
import { UsageError } from '../usage-error.ts';

/** What `serve --workers` starts for each; not for people. */
export function addWorker(program: Command): void {
  program
    .command('worker', { hidden: true })
    .description('One of the processes of serve --workers.')
    .action(async () => {
      if (process.send === undefined) {
        const rule = 'worker must be started by tickwell serve --workers';
        throw new UsageError([`${rule}; given: a start by hand`]);
      }
      const { programClock } = await import('../clock.ts');
      const { runWorker } = await import('../../workers/worker.ts');
      await runWorker(programClock().clock);
    });
}
