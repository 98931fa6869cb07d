import { DEFAULT_QUEUE_PREFIX } from '../../contracts/messages';
import type { ChunkReport, FailureReport, StepReport } from '../../workers/chunk-reports';
import type { IdleQueue } from '../../workers/idle-queues';
import type { JobReport } from '../../workers/inspect-job';
import { formatTable } from '../output/table';
import { chunkMap, durationWords, phaseWords, rateWords } from './describe-progress';

const NOTHING = '-';
const HEAD = ['chunk', 'frames', 'step', 'state', 'done', 'pace', 'left', 'attempt', 'heartbeat', 'worker'];

/** Chunks that `vamg status` lists without --chunks: those at work, those that wait for a worker or another attempt, and those that failed. */
export function isListed({ state, step }: ChunkReport): boolean {
  return step !== null || state === 'failed';
}

/** Lines of `vamg status` for a job: how far it is, then a row per step with what went wrong under it. @param all list every chunk */
export function describeReport(report: JobReport, all: boolean): string[] {
  return [...overview(report), ...stepTable(report.chunks.filter((chunk) => all || isListed(chunk)), report.others)];
}

function overview({ status, workflow, fraction, framesPerSecond, secondsLeft, chunks }: JobReport): string[] {
  if (workflow === null) return status === 'running' ? ['  no worker answers at the moment'] : [];
  const lines = [`  phase   ${phaseWords(workflow)}`, `  done    ${Math.round(fraction * 100)} % of ${workflow.positions} frames, chunks ${chunkMap(workflow.chunks, 64)}`];
  if (framesPerSecond !== null && secondsLeft !== null) lines.push(`  pace    ${rateWords(framesPerSecond)}, about ${durationWords(secondsLeft)} left of this phase`);
  if (chunks.length > 0) lines.push(`  chunks  ${chunkCounts(chunks)}`);
  return lines;
}

/** "4 tracked, 2 at work, 1 failing, 3 not begun" */
export function chunkCounts(chunks: readonly ChunkReport[]): string {
  const words = ['done', 'tracked', 'at work', 'waiting for a worker', 'failing', 'failed', 'waiting for the chunk before', 'not begun', 'paused', 'being cancelled'] as const;
  const counts = new Map<string, number>();
  for (const chunk of chunks) counts.set(wordFor(chunk), (counts.get(wordFor(chunk)) ?? 0) + 1);
  return words.filter((word) => counts.has(word)).map((word) => `${counts.get(word)} ${word}`).join(', ');
}

type ChunkWord = 'done' | 'tracked' | 'at work' | 'waiting for a worker' | 'failing' | 'failed' | 'waiting for the chunk before' | 'not begun' | 'paused' | 'being cancelled';

function wordFor({ state, step }: ChunkReport): ChunkWord {
  if (state === 'failed') return 'failed';
  if (step !== null) return ({ running: 'at work', queued: 'waiting for a worker', retrying: 'failing', paused: 'paused', cancelling: 'being cancelled', failed: 'failed' } as const)[step.state];
  if (state === 'done' || state === 'tracked') return state;
  return state === 'detecting' ? 'waiting for the chunk before' : 'not begun';
}

function stepTable(chunks: readonly ChunkReport[], others: readonly StepReport[]): string[] {
  const entries: { cells: string[]; step: StepReport | null }[] = [
    ...others.map((step) => ({ cells: [NOTHING, NOTHING, ...stepCells(step)], step })),
    ...chunks.map((chunk) => ({ cells: [String(chunk.chunk), framesOf(chunk), ...(chunk.step === null ? [NOTHING, wordFor(chunk)] : stepCells(chunk.step))], step: chunk.step })),
  ];
  if (entries.length === 0) return [];
  const [head, rule, ...rows] = formatTable(HEAD, entries.map(({ cells }) => cells));
  const lines = rows.flatMap((row, i) => {
    const failure = entries[i]!.step?.failure ?? null;
    return failure === null ? [row] : [row, ...failureLines(failure).map((line) => `    ${line}`)];
  });
  return ['', head!, rule!, ...lines].map((line) => (line === '' ? '' : `  ${line}`));
}

function framesOf({ frames }: ChunkReport): string {
  return frames === null ? NOTHING : `${frames[0]}-${frames[1]}`;
}

function stepCells(report: StepReport): string[] {
  const { step, done, total, perSecond, secondsLeft, attempt, heartbeatAgo, worker } = report;
  const orNothing = <T>(value: T | null, words: (known: T) => string): string => (value === null ? NOTHING : words(value));
  return [
    step,
    stateWords(report),
    orNothing(done, (count) => (total === null ? String(count) : `${count} of ${total}`)),
    orNothing(perSecond, rateWords),
    orNothing(secondsLeft, durationWords),
    orNothing(attempt, String),
    orNothing(heartbeatAgo, (seconds) => `${durationWords(seconds)} ago`),
    worker ?? NOTHING,
  ];
}

function stateWords({ state, failure }: StepReport): string {
  const due = failure?.nextAttemptIn ?? null;
  if (state === 'retrying') return due === null ? 'failing' : `again in ${durationWords(due)}`;
  return { running: 'at work', queued: 'waits for a worker', paused: 'paused', cancelling: 'being cancelled', failed: 'failed' }[state];
}

/** What went wrong, in two lines. */
export function failureLines({ name, message, advice }: Pick<FailureReport, 'name' | 'message' | 'advice'>): string[] {
  return [`${name}: ${message}`, `what to do: ${advice}`];
}

/** How to start a worker for a queue that nobody asks. */
export function idleQueueLine({ role, taskQueue }: IdleQueue, command: string): string {
  const prefix = taskQueue.slice(0, -role.length - 1);
  const variable = prefix === DEFAULT_QUEUE_PREFIX ? '' : `VAMG_QUEUE_PREFIX=${prefix} `;
  return `  No worker asks for work of ${taskQueue}: none runs, or all are busy with other jobs. Start one with \`${variable}${command} worker --role ${role}\` where TEMPORAL_ADDRESS and VAMG_STORE are the same.`;
}
