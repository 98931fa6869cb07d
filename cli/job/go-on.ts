import { foreignRun } from '../archive/archive-record';
import { runArchive } from '../archive/run-archive';
import { tellReport } from '../archive/tell-report';
import type { CliContext } from '../context';
import { recordOf } from './record-of';
import { runJob } from './run-job';
import { summariseJob } from './summarise-job';

/** Resume or watch a job or a run through an archive by its ID until it ends, and say what came of it. @param out folder for a job's result */
export async function goOn(context: CliContext, id: string, mode: 'resume' | 'watch', out?: string): Promise<void> {
  const run = await foreignRun(context, id);
  const { context: its, record } = run === null ? await recordOf(context, id, out) : { context, record: run };
  if (run !== null || record.archive !== undefined) {
    const report = await runArchive(its, record, { mode });
    return report === null ? undefined : tellReport(its.out, id, record.out === '' ? null : record.out, report);
  }
  const result = await runJob(its, record, { unpause: mode === 'resume' });
  if (result !== null) await summariseJob(its.out, record, result);
}
