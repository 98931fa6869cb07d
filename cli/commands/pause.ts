import type { Command } from 'commander';
import { isArchiveRun } from '../archive/archive-record';
import { createContext, commandName } from '../context';
import { withSession } from '../job/session';

export function registerPauseCommand(program: Command): void {
  program
    .command('pause')
    .argument('<id>', 'a job or a run')
    .description('Start no new step of a job or a run through an archive; steps that run are finished.')
    .option('--json', 'Print one JSON document on stdout and nothing else.')
    .addHelpText('after', '\nExample:\n  vamg pause film-1a2b3c4d')
    .action(async (id: string, flags: { json?: boolean }) => {
      const context = createContext(flags);
      const record = context.isEmbedded ? await context.records.need(id) : await context.records.find(id);
      await withSession(context, async (session) => await ((await isArchiveRun(session, id, record)) ? session.archives : session.client).pause(id));
      context.out.json({ id, paused: true });
      context.out.line(`Paused ${id}; go on with \`${commandName()} resume ${id}\`.`);
    });
}
