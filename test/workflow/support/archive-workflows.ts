/** The real archive workflow, over videos whose workflow does what the video's ID says, without any activity. */
import { ApplicationFailure, condition, defineQuery, defineSignal, setHandler, sleep } from '@temporalio/workflow';
import type { SegmentVideoInput, SegmentVideoResult } from '../../../contracts/messages';

export { segmentArchive } from '../../../workflows/segment-archive';

/**
 * `ok` ends at once, `fail:PoisonVideo` fails so, `sleep:200` takes 200 ms, `hold` waits until it is cancelled, `paused` until it
 * was paused and resumed.
 */
export async function segmentVideo({ videoId, job }: SegmentVideoInput): Promise<SegmentVideoResult> {
  const heard: string[] = [];
  setHandler(defineSignal('pause'), () => void heard.push('pause'));
  setHandler(defineSignal('resume'), () => void heard.push('resume'));
  setHandler(defineQuery('heard'), () => heard);
  const [what, detail = ''] = videoId.split(':');
  if (what === 'fail') throw ApplicationFailure.nonRetryable(`${detail} on purpose`, detail);
  if (what === 'sleep') await sleep(Number(detail));
  if (what === 'hold') await condition(() => false);
  if (what === 'paused') await condition(() => heard.join(' ') === 'pause resume');
  return { schemaVersion: 1, manifest: job, objects: 7, frames: 10 };
}
