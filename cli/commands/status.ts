import type { Command } from 'commander';
import { isArchiveRun } from '../archive/archive-record';
import { describeRun } from '../archive/describe-archive';
import { createContext, commandName, type CliContext } from '../context';
import { fromRecord, listJobs } from '../job/list-jobs';
import { isOwned, type JobRecord } from '../job/job-record';
import { newestJob } from '../job/newest-job';
import { withSession } from '../job/session';
import { phaseWords, chunkMap } from '../progress/describe-progress';
import { forUser } from '../output/user-folder';
import type { JobProgress } from '../../workers/job-progress';

export function registerStatusCommand(program: Command): void {
  program
    .command('status')
    .argument('[id]', 'a job or a run through an archive; the newest when left out')
    .description('Say where a job stands.')
    .option('--json', 'Print one JSON document on stdout and nothing else.')
    .addHelpText('after', '\nExamples:\n  vamg status\n  vamg status film-1a2b3c4d --json')
    .action(async (id: string | undefined, flags: { json?: boolean }) => {
      const context = createContext(flags);
      const wanted = id ?? (await newestJob(context));
      if (wanted === null) {
        context.out.json({ job: null });
        return context.out.line('No jobs yet. `vamg segment film.mp4` starts one.');
      }
      await showStatus(context, wanted);
    });
}

async function showStatus(context: CliContext, id: string): Promise<void> {
  const { out, records } = context;
  const record = context.isEmbedded ? await records.need(id) : await records.find(id);
  if (await showRun(context, id, record)) return;
  // Without workers nobody could answer, so the server is asked only where some are.
  const isLive = !context.isEmbedded || (record !== null && isOwned(record));
  const progress = isLive ? await withSession(context, ({ client }) => client.progress(id)) : null;
  const row = record === null ? (await listJobs(context)).find((job) => job.id === id) : fromRecord(record);
  const state = progress?.workflow?.paused === true && progress.status === 'running' ? 'paused' : (progress?.status ?? row?.state ?? 'running');
  out.json({ id, state, out: record?.out ?? null, video: record?.videoName ?? null, progress: progress?.workflow ?? null, fraction: progress?.fraction ?? null, steps: progress?.steps ?? [] });
  out.line(`${id}: ${state}`);
  if (record !== null) out.line(`  video   ${record.videoName}`);
  if (progress !== null && progress.status === 'running') describeRunning(progress).forEach((line) => out.line(line));
  if (record !== null && state === 'done') out.line(`  result  ${forUser(record.out)}`);
  if (state === 'interrupted' || state === 'failed') out.line(`  go on with \`${commandName()} resume ${id}\``);
}

/** For a run through an archive; false when the ID is a job's. */
async function showRun(context: CliContext, id: string, record: JobRecord | null): Promise<boolean> {
  const { out, isEmbedded } = context;
  if (record !== null && record.archive === undefined) return false;
  const isLive = !isEmbedded || (record !== null && isOwned(record));
  const progress = isLive ? await withSession(context, async (session) => ((await isArchiveRun(session, id, record)) ? await session.archives.progress(id) : null)) : null;
  if (progress === null && record === null) return false;
  const state = progress?.workflow?.paused === true && progress.status === 'running' ? 'paused' : (progress?.status ?? fromRecord(record!).state);
  out.json({ id, kind: 'archive', state, source: record?.input ?? null, out: record?.out ?? null, progress: progress?.workflow ?? null, videos: progress?.videos.map(({ id: job, fraction, workflow }) => ({ id: job, fraction, phase: workflow?.phase ?? null })) ?? [] });
  out.line(`${id}: ${state}`);
  if (record !== null) out.line(`  archive ${record.input}`);
  if (progress !== null) describeRun(progress).forEach((line) => out.line(line));
  if (record !== null) out.line(`  results ${record.out.startsWith('s3://') ? record.out : forUser(record.out)}`);
  if (state === 'interrupted' || state === 'failed') out.line(`  go on with \`${commandName()} resume ${id}\``);
  return true;
}

function describeRunning({ workflow, fraction, steps }: JobProgress): string[] {
  if (workflow === null) return ['  no worker answers at the moment'];
  const lines = [`  phase   ${phaseWords(workflow)}`, `  done    ${Math.round(fraction * 100)} % of ${workflow.positions} frames, chunks ${chunkMap(workflow.chunks, 64)}`];
  for (const step of steps) {
    const where = step.details === null ? '' : ` chunk ${step.details.chunk + 1}, frame ${step.details.done} of ${step.details.total}`;
    const again = step.lastFailure === null ? '' : ` (attempt ${step.attempt} after ${step.lastFailure})`;
    lines.push(`  ${step.step.padEnd(7)}${where}${again}`);
  }
  return lines;
}
