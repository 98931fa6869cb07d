import type { SegmentProgress } from '../contracts/messages';
import type { RunningStep } from './job-progress';

export interface JobPace {
  /** Frames of the job per second; null until known. */
  readonly framesPerSecond: number | null;
  /** Seconds until the present phase is done at that rate; null until known. */
  readonly secondsLeft: number | null;
}

const UNKNOWN: JobPace = { framesPerSecond: null, secondsLeft: null };

/**
 * How fast a job advances, from the live heartbeats of all its steps: detecting is half of a chunk and tracking the other half;
 * in the phase `render` drawing is all of it. Chunks are taken to be equally long.
 * @param fraction of the work of detecting and tracking that is done, 0..1
 */
export function jobPace(workflow: SegmentProgress | null, fraction: number, steps: readonly Pick<RunningStep, 'step' | 'state' | 'details'>[]): JobPace {
  if (workflow === null || workflow.chunkCount === 0) return UNKNOWN;
  const { phase, chunkCount, positions } = workflow;
  if (phase !== 'chunks' && phase !== 'render') return UNKNOWN;
  let chunksPerSecond = 0;
  let drawn = 0;
  for (const { step, state, details } of steps) {
    if (details === null || details.total <= 0) continue;
    const weight = phase === 'render' ? Number(step === 'render') : step === 'detect' || step === 'track' ? 0.5 : 0;
    drawn += phase === 'render' ? (weight * Math.min(details.done, details.total)) / details.total : 0;
    if (state === 'running') chunksPerSecond += (weight * (details.perSecond ?? 0)) / details.total;
  }
  if (chunksPerSecond <= 0) return UNKNOWN;
  const done = phase === 'render' ? [...workflow.chunks].filter((letter) => letter === 'D').length + drawn : fraction * chunkCount;
  return { framesPerSecond: (chunksPerSecond * positions) / chunkCount, secondsLeft: Math.round(Math.max(0, chunkCount - done) / chunksPerSecond) };
}
