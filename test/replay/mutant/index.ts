import { sleep } from '@temporalio/workflow';
import { segmentVideo as original } from '../../../workflows';
import type { SegmentVideoInput, SegmentVideoResult } from '../../../contracts/messages';

/** segmentVideo with one step too many: replaying recorded histories against it must fail. */
export async function segmentVideo(input: SegmentVideoInput): Promise<SegmentVideoResult> {
  await sleep(1);
  return await original(input);
}
