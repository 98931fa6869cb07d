/** What a step is about, for logs and traces: nothing but hashes and numbers. */
export interface StepSubject {
  /** Hash of the video. */
  readonly video?: string;
  /** From 1, as `vamg status` and the Temporal UI count. */
  readonly chunk?: number;
  /** For `match`: the border after this chain, from 1. */
  readonly border?: number;
}

const VIDEO_ID = /^[0-9a-f]{64}$/;

/** Read from the arguments of an activity; what is not there, or not as it should be, is left out. */
export function subjectOf(activityType: string, args: readonly unknown[]): StepSubject {
  const input = args[0];
  if (typeof input !== 'object' || input === null) return {};
  const { videoId, chunk } = input as { videoId?: unknown; chunk?: unknown };
  return {
    ...(typeof videoId === 'string' && VIDEO_ID.test(videoId) && { video: videoId }),
    ...(typeof chunk === 'number' && Number.isSafeInteger(chunk) && { [activityType === 'match' ? 'border' : 'chunk']: chunk + 1 }),
  };
}
