import type { Command } from 'commander';
import { VamgError } from '../../contracts/errors';
import { isArchiveRun } from '../archive/archive-record';
import { createContext } from '../context';
import { isOwned } from '../job/job-record';
import { withSession } from '../job/session';

/** Long enough for running steps to notice; after that the job is cancelled on the server and ends by itself. */
const WAIT_MS = 60_000;

export function registerCancelCommand(program: Command): void {
  program
    .command('cancel')
    .argument('<id>', 'a job or a run')
    .description('End a job, or a run through an archive with its videos at work, for good. What it has computed stays in the store.')
    .option('--json', 'Print one JSON document on stdout and nothing else.')
    .addHelpText('after', '\nExample:\n  vamg cancel film-1a2b3c4d')
    .action(async (id: string, flags: { json?: boolean }) => {
      const context = createContext(flags);
      const record = context.isEmbedded ? await context.records.need(id) : await context.records.find(id);
      await withSession(context, async (session) => {
        const { engine } = session;
        const client = (await isArchiveRun(session, id, record)) ? session.archives : session.client;
        await client.cancel(id);
        // Ending takes a worker; when no other command runs the job's, we do for this moment.
        if (engine !== null && record !== null && !isOwned(record)) await engine.startWorkers([['control', 'media']]);
        await client.wait(id, AbortSignal.timeout(WAIT_MS)).catch((error: unknown) => {
          const isExpected = error instanceof VamgError ? error.failure === 'Cancelled' : (error as Error).name === 'TimeoutError';
          if (!isExpected) throw error;
        });
      });
      await context.records.update(id, { state: 'cancelled', ownerPid: null });
      context.out.json({ id, state: 'cancelled' });
      context.out.line(`Cancelled ${id}.`);
    });
}
