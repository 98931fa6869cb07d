import type { Context } from '@temporalio/activity';
import type { ActivityInterceptors } from '@temporalio/worker';
import { subjectOf, type StepSubject } from './step-subject';

/** Puts what a step is about into each of its log lines (docs/operations.md lists the fields), and logs that it starts and ends. */
export function createStepLog(context: Context): ActivityInterceptors {
  const { info, log } = context;
  let subject: StepSubject = {};
  return {
    inbound: {
      async execute(input, next) {
        subject = subjectOf(info.activityType, input.args);
        const start = performance.now();
        log.info('step started');
        const result = await next(input);
        log.info('step done', { durationMs: Math.round(performance.now() - start) });
        return result;
      },
    },
    outbound: {
      getLogAttributes: (attributes, next) => {
        const { taskToken: _token, isLocal: _local, workflowRunId: _run, ...kept } = attributes;
        return next({ ...kept, stage: info.activityType, ...subject, attempt: info.attempt, runId: info.workflowExecution?.runId });
      },
    },
  };
}
