import type { InferenceHost } from '../../contracts/inference';
import type { Tracing } from './tracing';

/** Calls of the store that are quicker than this get no span: checkpoints are many. */
export const STORE_SPAN_MS = 100;

/** The same host, with a span around each job. */
export function tracedHost(host: InferenceHost, tracing: Tracing | null): InferenceHost {
  if (tracing === null) return host;
  return {
    runJob: (job, handlers, signal) => {
      const { startPosition, endPosition } = job.frames;
      const attributes = { 'vamg.frames': endPosition - startPosition, 'vamg.resumed_lines': job.resume?.linesDone ?? 0, 'vamg.model': job.model.name };
      return tracing.span(`inference ${job.kind}`, attributes, () => host.runJob(job, handlers, signal));
    },
    close: () => host.close(),
  };
}
