import type { Command } from 'commander';
import { adviceFor } from '../../contracts/server-failures';
import { isArchiveRun } from '../archive/archive-record';
import { describeRun } from '../archive/describe-archive';
import { createContext, commandName, type CliContext } from '../context';
import { fromRecord, listJobs } from '../job/list-jobs';
import { isOwned, type JobRecord } from '../job/job-record';
import { newestJob } from '../job/newest-job';
import { withSession } from '../job/session';
import { describeReport, failureLines, idleQueueLine, isListed } from '../progress/describe-report';
import { forUser } from '../output/user-folder';

export function registerStatusCommand(program: Command): void {
  program
    .command('status')
    .argument('[id]', 'a job or a run through an archive; the newest when left out')
    .description('Say where a job stands.')
    .option('--chunks', 'List all chunks, not only those at work, waiting or failed.')
    .option('--json', 'Print one JSON document on stdout and nothing else.')
    .addHelpText('after', '\nExamples:\n  vamg status\n  vamg status film-1a2b3c4d --chunks\n  vamg status film-1a2b3c4d --json')
    .action(async (id: string | undefined, flags: { json?: boolean; chunks?: boolean }) => {
      const context = createContext(flags);
      const wanted = id ?? (await newestJob(context));
      if (wanted === null) {
        context.out.json({ job: null });
        return context.out.line('No jobs yet. `vamg segment film.mp4` starts one.');
      }
      await showStatus(context, wanted, flags.chunks === true);
    });
}

async function showStatus(context: CliContext, id: string, all: boolean): Promise<void> {
  const { out, records, isEmbedded } = context;
  const record = isEmbedded ? await records.need(id) : await records.find(id);
  if (await showRun(context, id, record)) return;
  // Without workers nobody could answer, so the server is asked only where some are.
  const isLive = !isEmbedded || (record !== null && isOwned(record));
  const report = isLive ? await withSession(context, ({ client }) => client.inspect(id)) : null;
  const row = record === null ? (await listJobs(context)).find((job) => job.id === id) : fromRecord(record);
  const state = report?.workflow?.paused === true && report.status === 'running' ? 'paused' : (report?.status ?? row?.state ?? 'running');
  const remembered = state === 'failed' && record?.failure !== undefined ? { ...record.failure, advice: adviceFor(record.failure.name), nextAttemptIn: null } : null;
  const failure = report?.failure ?? remembered;
  const shown = report === null ? null : { ...report, chunks: report.chunks.filter((chunk) => all || isListed(chunk)) };
  out.json({ id, state, out: record?.out ?? null, video: record?.videoName ?? null, progress: shown?.workflow ?? null, fraction: shown?.fraction ?? null, framesPerSecond: shown?.framesPerSecond ?? null, secondsLeft: shown?.secondsLeft ?? null, chunks: shown?.chunks ?? [], others: shown?.others ?? [], idleQueues: shown?.idleQueues ?? [], failure, steps: shown?.steps ?? [] });
  out.line(`${id}: ${state}`);
  if (record !== null) out.line(`  video   ${record.videoName}`);
  if (report !== null && (report.status === 'running' || all)) describeReport(report, all).forEach((line) => out.line(line));
  if (failure !== null) failureLines(failure).forEach((line) => out.line(`  ${line}`));
  if (!isEmbedded) report?.idleQueues.forEach((queue) => out.line(idleQueueLine(queue, commandName())));
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
