import type { Command } from 'commander';
import { VamgError } from '../../contracts/errors';
import { createContext } from '../context';
import { goOn } from '../job/go-on';
import { newestJob } from '../job/newest-job';

export function registerResumeCommand(program: Command): void {
  program
    .command('resume')
    .argument('[id]', 'a job or a run through an archive; the newest unfinished one when left out')
    .description('Go on with a job that was paused or interrupted.')
    .option('--out <dir>', 'Folder for the result (default as when the job was started)')
    .option('--json', 'Print one JSON document on stdout and nothing else.')
    .addHelpText('after', '\nExamples:\n  vamg resume\n  vamg resume film-1a2b3c4d')
    .action(async (id: string | undefined, flags: { out?: string; json?: boolean }) => {
      const context = createContext(flags);
      const wanted = id ?? (await newestJob(context, true));
      if (wanted === null) throw new VamgError('NotFound', 'There is no unfinished job to go on with; `vamg list` shows what there is.');
      await goOn(context, wanted, 'resume', flags.out);
    });
}
