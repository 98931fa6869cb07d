import type { Command } from 'commander';
import { createContext } from '../context';
import { goOn } from '../job/go-on';

export function registerWatchCommand(program: Command): void {
  program
    .command('watch')
    .argument('<id>', 'a job or a run')
    .description('Show how a job or a run through an archive advances until it ends, and write its result.')
    .option('--out <dir>', 'Folder for the result (default as when the job was started)')
    .option('--json', 'Print one JSON document on stdout and nothing else.')
    .addHelpText('after', '\nExample:\n  vamg watch film-1a2b3c4d')
    .action(async (id: string, flags: { out?: string; json?: boolean }) => goOn(createContext(flags), id, 'watch', flags.out));
}
