import type { MetricMeter } from '@temporalio/common';
import type { HeartbeatDetails } from '../contracts/messages';
import { METRICS } from '../contracts/metrics';

/** Stages whose `done` counts frames; `publish` counts chunks. */
const STAGES_OF_FRAMES: ReadonlySet<string> = new Set(['probe', 'detect', 'track', 'render']);

type Progress = Pick<HeartbeatDetails, 'done' | 'inferenceMs'>;

/**
 * Counts what an attempt does, from the progress it reports. Frames that an earlier attempt did are not counted again.
 * @param start where the attempt begins: frames that its checkpoint holds
 */
export function countFrames(meter: MetricMeter, stage: HeartbeatDetails['stage'], start: Progress): (now: Progress) => void {
  const frames = meter.createCounter(METRICS.frames.name, undefined, METRICS.frames.meaning);
  const inference = meter.createCounter(METRICS.inference.name, undefined, METRICS.inference.meaning);
  const counted = { ...start };
  return ({ done, inferenceMs }) => {
    if (done > counted.done && STAGES_OF_FRAMES.has(stage)) frames.add(done - counted.done, { stage });
    if (inferenceMs > counted.inferenceMs) inference.add(inferenceMs - counted.inferenceMs, { stage });
    counted.done = Math.max(counted.done, done);
    counted.inferenceMs = Math.max(counted.inferenceMs, inferenceMs);
  };
}
