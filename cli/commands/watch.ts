import type { Command } from 'commander';
import { foreignRun } from '../archive/archive-record';
import { runArchive } from '../archive/run-archive';
import { tellReport } from '../archive/tell-report';
import { createContext } from '../context';
import { runJob } from '../job/run-job';
import { summariseJob } from '../job/summarise-job';
import { recordOf } from '../job/record-of';

export function registerWatchCommand(program: Command): void {
  program
    .command('watch')
    .argument('<id>', 'a job or a run')
    .description('Show how a job or a run through an archive advances until it ends, and write its result.')
    .option('--out <dir>', 'Folder for the result (default as when the job was started)')
    .option('--json', 'Print one JSON document on stdout and nothing else.')
    .addHelpText('after', '\nExample:\n  vamg watch film-1a2b3c4d')
    .action(async (id: string, flags: { out?: string; json?: boolean }) => {
      const first = createContext(flags);
      const run = await foreignRun(first, id);
      const { context, record } = run === null ? await recordOf(first, id, flags.out) : { context: first, record: run };
      if (run !== null || record.archive !== undefined) {
        const report = await runArchive(context, record, { mode: 'watch' });
        return report === null ? undefined : tellReport(context.out, id, record.out === '' ? null : record.out, report);
      }
      const result = await runJob(context, record);
      if (result !== null) await summariseJob(context.out, record, result);
    });
}
