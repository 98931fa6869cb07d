import type { Command } from 'commander';
import { createContext } from '../context';
import { listJobs } from '../job/list-jobs';
import { formatTable } from '../output/table';
import { forUser } from '../output/user-folder';

export function registerListCommand(program: Command): void {
  program
    .command('list')
    .description('List the jobs, newest first.')
    .option('--json', 'Print one JSON document on stdout and nothing else.')
    .addHelpText('after', '\nExample:\n  vamg list --json')
    .action(async (flags: { json?: boolean }) => {
      const context = createContext(flags);
      const jobs = await listJobs(context);
      context.out.json({ jobs });
      if (jobs.length === 0) return context.out.line('No jobs yet. `vamg segment film.mp4` starts one.');
      const rows = jobs.map((job) => [job.id, job.state, job.startedAt.slice(0, 16).replace('T', ' '), `${job.kind === 'archive' ? 'archive ' : ''}${job.video ?? ''}`.trim(), job.out === null ? '' : forUser(job.out)]);
      for (const line of formatTable(['job', 'state', 'started', 'video', 'result'], rows)) context.out.line(line);
    });
}
