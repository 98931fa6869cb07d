import type { Command } from 'commander';
import { createContext, commandName } from '../context';
import { checkJobId } from '../job/job-id';
import { withSession } from '../job/session';

export function registerPauseCommand(program: Command): void {
  program
    .command('pause')
    .argument('<id>', 'a job')
    .description('Start no new step of a job; steps that run are finished.')
    .option('--json', 'Print one JSON document on stdout and nothing else.')
    .addHelpText('after', '\nExample:\n  vamg pause film-1a2b3c4d')
    .action(async (id: string, flags: { json?: boolean }) => {
      const context = createContext(flags);
      if (context.isEmbedded) await context.records.need(checkJobId(id));
      await withSession(context, ({ client }) => client.pause(checkJobId(id)));
      context.out.json({ id, paused: true });
      context.out.line(`Paused ${id}; go on with \`${commandName()} resume ${id}\`.`);
    });
}
