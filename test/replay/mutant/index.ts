import { sleep } from '@temporalio/workflow';
import { correctVideo as originalCorrect, segmentArchive as originalArchive, segmentVideo as original } from '../../../workflows';
import type { SegmentArchiveInput, SegmentArchiveResult } from '../../../contracts/archive-messages';
import type { CorrectVideoInput, SegmentVideoInput, SegmentVideoResult } from '../../../contracts/messages';

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

/** The same for correctVideo, whose updates wait until it is there to take them. */
export async function correctVideo(input: CorrectVideoInput): Promise<void> {
  await sleep(1);
  return await originalCorrect(input);
}
