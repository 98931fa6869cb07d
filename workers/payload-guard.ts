import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { MAX_PAYLOAD_BYTES } from '../contracts/messages';

/** @throws ApplicationFailure PayloadTooLarge, not retryable, when the JSON of `value` is over the limit */
export function guardPayload(what: string, value: unknown): void {
  const bytes = Buffer.byteLength(JSON.stringify(value) ?? '');
  if (bytes > MAX_PAYLOAD_BYTES)
    throw ApplicationFailure.nonRetryable(`${what} is ${bytes} bytes of at most ${MAX_PAYLOAD_BYTES}; pass a reference to the store instead.`, 'PayloadTooLarge');
}

/** Refuses large inputs and results of activities; workflows/interceptors.ts does the same for workflows. */
export function createPayloadGuard(activityType: string): ActivityInboundCallsInterceptor {
  return {
    async execute(input, next) {
      guardPayload(`The input of ${activityType}`, input.args);
      const result = await next(input);
      guardPayload(`The result of ${activityType}`, result);
      return result;
    },
  };
}
