import { ApplicationFailure, type WorkflowInterceptors } from '@temporalio/workflow';
import { MAX_PAYLOAD_BYTES } from '../contracts/messages';
import { utf8Length } from '../core/planning/utf8-length';

/** @throws ApplicationFailure PayloadTooLarge, not retryable, when the JSON of `value` is over the limit */
function guard(what: string, value: unknown): void {
  const text = JSON.stringify(value) ?? '';
  if (text.length * 3 <= MAX_PAYLOAD_BYTES || utf8Length(text) <= MAX_PAYLOAD_BYTES) return;
  throw ApplicationFailure.nonRetryable(`${what} is over ${MAX_PAYLOAD_BYTES} bytes; pass a reference to the store instead.`, 'PayloadTooLarge');
}

/** Refuses large inputs and results of workflows, and large inputs of the activities they schedule. */
export function interceptors(): WorkflowInterceptors {
  return {
    inbound: [
      {
        async execute(input, next) {
          guard('The input of the workflow', input.args);
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
          return await next(input);
        },
      },
    ],
  };
}
