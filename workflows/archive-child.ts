import { ChildWorkflowCancellationType, ParentClosePolicy, WorkflowIdReusePolicy, sleep, startChild } from '@temporalio/workflow';
import type { ChildWorkflowHandle } from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError, defineSearchAttributeKey } from '@temporalio/common';
import type { segmentVideo } from './segment-video';
import { BUSY_TRIES, type PrepareVideoResult, type SegmentArchiveInput } from '../contracts/archive-messages';
import { DEFAULT_QUEUE_PREFIX, SEGMENT_VIDEO_WORKFLOW, taskQueueName, type SegmentVideoInput } from '../contracts/messages';

export type VideoHandle = ChildWorkflowHandle<typeof segmentVideo>;
export type PreparedVideo = Extract<PrepareVideoResult, { readonly state: 'run' }>;

const VIDEO_ID = defineSearchAttributeKey('VideoId', 'KEYWORD');
const MODEL = defineSearchAttributeKey('Model', 'KEYWORD');

/**
 * Start the workflow of a video, under the ID that `vamg segment` gives the same job. One that runs already, for somebody else, is
 * waited for; one that is over starts again and finds its work in the store.
 * @returns null when the other one takes too long
 */
export async function startVideo(input: SegmentArchiveInput, video: PreparedVideo): Promise<VideoHandle | null> {
  for (let tries = 0, seconds = 1; tries < BUSY_TRIES; tries++, seconds *= 2) {
    try {
      return await startOnce(input, video);
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      await sleep(seconds * 1000);
    }
  }
  return null;
}

async function startOnce(input: SegmentArchiveInput, { jobId, job, videoId }: PreparedVideo): Promise<VideoHandle> {
  const { queuePrefix = DEFAULT_QUEUE_PREFIX, searchAttributes = false, priorityKey, archiveKey, video } = input;
  const { model, ...settings } = video;
  const childInput: SegmentVideoInput = { schemaVersion: 1, job, videoId, ...settings, queuePrefix, searchAttributes, priorityKey };
  return await startChild<typeof segmentVideo>(SEGMENT_VIDEO_WORKFLOW, {
    workflowId: `segment-${jobId}`,
    taskQueue: taskQueueName(queuePrefix, 'control'),
    args: [childInput],
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    memo: { job: job.sha256 },
    priority: { priorityKey, fairnessKey: archiveKey },
    ...(searchAttributes && { typedSearchAttributes: [{ key: VIDEO_ID, value: videoId }, { key: MODEL, value: model }] }),
  });
}
