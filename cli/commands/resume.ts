import type { Command } from 'commander';
import { VamgError } from '../../contracts/errors';
import { foreignRun } from '../archive/archive-record';
import { runArchive } from '../archive/run-archive';
import { tellReport } from '../archive/tell-report';
import { createContext } from '../context';
import { newestJob } from '../job/newest-job';
import { recordOf } from '../job/record-of';
import { runJob } from '../job/run-job';
import { summariseJob } from '../job/summarise-job';

export function registerResumeCommand(program: Command): void {
  program
    .command('resume')
    .argument('[id]', 'a job or a run through an archive; the newest unfinished one when left out')
    .description('Go on with a job that was paused or interrupted.')
    .option('--out <dir>', 'Folder for the result (default as when the job was started)')
    .option('--json', 'Print one JSON document on stdout and nothing else.')
    .addHelpText('after', '\nExamples:\n  vamg resume\n  vamg resume film-1a2b3c4d')
    .action(async (id: string | undefined, flags: { out?: string; json?: boolean }) => {
      const first = createContext(flags);
      const wanted = id ?? (await newestJob(first, true));
      if (wanted === null) throw new VamgError('NotFound', 'There is no unfinished job to go on with; `vamg list` shows what there is.');
      const run = await foreignRun(first, wanted);
      const { context, record } = run === null ? await recordOf(first, wanted, flags.out) : { context: first, record: run };
      if (run !== null || record.archive !== undefined) {
        const report = await runArchive(context, record, { mode: 'resume' });
        return report === null ? undefined : tellReport(context.out, wanted, record.out === '' ? null : record.out, report);
      }
      const result = await runJob(context, record, { unpause: true });
      if (result !== null) await summariseJob(context.out, record, result);
    });
}
