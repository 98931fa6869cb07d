import type { Command } from 'commander';
import { createContext } from '../context';
import { runJob } from '../job/run-job';
import { summariseJob } from '../job/summarise-job';
import { recordOf } from '../job/record-of';

export function registerWatchCommand(program: Command): void {
  program
    .command('watch')
    .argument('<id>', 'a job')
    .description('Show how a job advances until it ends, and write its result.')
    .option('--out <dir>', 'Folder for the result (default as when the job was started)')
    .option('--json', 'Print one JSON document on stdout and nothing else.')
    .addHelpText('after', '\nExample:\n  vamg watch film-1a2b3c4d')
    .action(async (id: string, flags: { out?: string; json?: boolean }) => {
      const { context, record } = await recordOf(createContext(flags), id, flags.out);
      const result = await runJob(context, record);
      if (result !== null) await summariseJob(context.out, record, result);
    });
}
