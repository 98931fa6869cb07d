import { ApplicationFailure, CancelledFailure, type MetricMeter, type MetricTags } from '@temporalio/common';
import type { Context } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import type { StageResult } from '../contracts/activity-types';
import { isFailureName } from '../contracts/errors';
import { METRICS, type MetricSpec } from '../contracts/metrics';

/** Counts how long each attempt of a step waited in its queue and how it ended. */
export function createStepMetrics(context: Context): ActivityInboundCallsInterceptor {
  const { info, metricMeter } = context;
  return {
    async execute(input, next) {
      const waitedMs = Date.now() - info.currentAttemptScheduledTimestampMs;
      metricMeter.createHistogram(METRICS.queueWait.name, 'float', undefined, METRICS.queueWait.meaning).record(Math.max(0, waitedMs / 1000));
      try {
        const result = await next(input);
        countResult(metricMeter, info.activityType, result);
        return result;
      } catch (error) {
        if (!(error instanceof CancelledFailure)) add(metricMeter, METRICS.failures, 1, { failure: failureOf(error) });
        throw error;
      }
    },
  };
}

/** What a step's result says of objects and seams. Nothing is counted for an artefact that was there already. */
export function countResult(meter: MetricMeter, activityType: string, result: unknown): void {
  if (!isStageResult(result)) return add(meter, METRICS.steps, 1, { outcome: 'computed' });
  add(meter, METRICS.steps, 1, { outcome: result.skipped ? 'reused' : 'computed' });
  if (result.skipped) return;
  const of = (name: string): number => Number(result.summary[name] ?? 0);
  if (activityType === 'publish') {
    add(meter, METRICS.videos, 1);
    add(meter, METRICS.objects, of('objects'));
  }
  if (activityType === 'match') {
    add(meter, METRICS.joins, of('joined'), { decision: 'joined' });
    add(meter, METRICS.joins, of('ambiguous'), { decision: 'ambiguous' });
    add(meter, METRICS.joins, of('pairs') - of('joined') - of('ambiguous'), { decision: 'other' });
  }
}

function isStageResult(result: unknown): result is StageResult {
  return typeof result === 'object' && result !== null && 'skipped' in result && 'summary' in result;
}

/** Names of the catalogue only: a label must not take any text. */
function failureOf(error: unknown): string {
  const type = error instanceof ApplicationFailure ? error.type : undefined;
  return isFailureName(type) ? type : 'Internal';
}

function add(meter: MetricMeter, { name, meaning }: MetricSpec, value: number, tags: MetricTags = {}): void {
  if (value > 0) meter.createCounter(name, undefined, meaning).add(value, tags);
}
