import { ApplicationFailure, type Headers, type WorkflowInterceptors } from '@temporalio/workflow';
import { MAX_PAYLOAD_BYTES, TRACE_HEADER } from '../contracts/messages';
import { utf8Length } from '../core/planning/utf8-length';

/** @throws ApplicationFailure PayloadTooLarge, not retryable, when the JSON of `value` is over the limit */
function guard(what: string, value: unknown): void {
  const text = JSON.stringify(value) ?? '';
  if (text.length * 3 <= MAX_PAYLOAD_BYTES || utf8Length(text) <= MAX_PAYLOAD_BYTES) return;
  throw ApplicationFailure.nonRetryable(`${what} is over ${MAX_PAYLOAD_BYTES} bytes; pass a reference to the store instead.`, 'PayloadTooLarge');
}

/**
 * Refuses large inputs and results of workflows, and large inputs of the activities they schedule; hands a trace that the workflow
 * was started in on to its activities and to the run that goes on from it; names the video in log lines. No command changes by it.
 */
export function interceptors(): WorkflowInterceptors {
  let trace: Headers = {};
  let video: { readonly video?: string } = {};
  return {
    inbound: [
      {
        async execute(input, next) {
          guard('The input of the workflow', input.args);
          const carried = input.headers[TRACE_HEADER];
          if (carried !== undefined) trace = { [TRACE_HEADER]: carried };
          video = videoOf(input.args[0]);
          const result = await next(input);
          guard('The result of the workflow', result);
          return result;
        },
      },
    ],
    outbound: [
      {
        async scheduleActivity(input, next) {
          guard(`The input of ${input.activityType}`, input.args);
          return await next({ ...input, headers: { ...input.headers, ...trace } });
        },
        continueAsNew: async (input, next) => await next({ ...input, headers: { ...input.headers, ...trace } }),
        getLogAttributes: (attributes, next) => next({ ...attributes, ...video }),
      },
    ],
  };
}

function videoOf(input: unknown): { readonly video?: string } {
  const videoId = typeof input === 'object' && input !== null ? (input as { videoId?: unknown }).videoId : undefined;
  return typeof videoId === 'string' ? { video: videoId } : {};
}
