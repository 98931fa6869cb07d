import { sleep } from '@temporalio/workflow';
import { segmentArchive as originalArchive, segmentVideo as original } from '../../../workflows';
import type { SegmentArchiveInput, SegmentArchiveResult } from '../../../contracts/archive-messages';
import type { SegmentVideoInput, SegmentVideoResult } from '../../../contracts/messages';

/** segmentVideo with one step too many: replaying recorded histories against it must fail. */
export async function segmentVideo(input: SegmentVideoInput): Promise<SegmentVideoResult> {
  await sleep(1);
  return await original(input);
}

/** The same for segmentArchive. */
export async function segmentArchive(input: SegmentArchiveInput): Promise<SegmentArchiveResult> {
  await sleep(1);
  return await originalArchive(input);
}
