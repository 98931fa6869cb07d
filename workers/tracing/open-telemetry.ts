import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { ApplicationFailure, CancelledFailure, defaultPayloadConverter, type Payload } from '@temporalio/common';
import type { Info } from '@temporalio/activity';
import { context, defaultTextMapGetter, defaultTextMapSetter, ROOT_CONTEXT, SpanStatusCode, trace, TraceFlags, type Context, type Span, type Tracer } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider, type SpanExporter } from '@opentelemetry/sdk-trace';
import { TRACE_HEADER } from '../../contracts/messages';
import { VamgError } from '../../contracts/errors';
import { subjectOf } from '../step-subject';
import type { Tracing, TracingOptions } from './tracing';

const FLUSH_MS = 3_000;
const propagator = new W3CTraceContextPropagator();

/** The only place that knows OpenTelemetry; loaded by `startTracing`. */
export function createTracing({ service, onProblem }: TracingOptions): Tracing {
  const resource = resourceFromAttributes({ 'service.name': service }).merge(detectResources({ detectors: [envDetector] }));
  const provider = new TracerProvider({ resource, spanProcessors: [new BatchSpanProcessor({ exporter: noticing(new OTLPTraceExporter(), onProblem) })] });
  const tracer = provider.getTracer('video-amg');
  /** The span of the step that is at work. */
  const current = new AsyncLocalStorage<Context>();
  const flush = (): Promise<void> => provider.forceFlush({ timeoutMillis: FLUSH_MS }).catch(() => undefined);
  return {
    traceStep: ({ info }) => ({
      inbound: {
        async execute(input, next) {
          const parent = parentOf(input.headers[TRACE_HEADER], info);
          const span = tracer.startSpan(`RunActivity:${info.activityType}`, { attributes: attributesOf(info, input.args) }, parent);
          return await inSpan(span, () => current.run(trace.setSpan(parent, span), () => next(input)), (result) => {
            if (typeof result === 'object' && result !== null && 'skipped' in result) span.setAttribute('vamg.reused', result.skipped === true);
          });
        },
      },
    }),
    traceStart: {
      async startWithDetails(input, next) {
        const parent = context.active();
        const span = tracer.startSpan(`StartWorkflow:${input.workflowType}`, { attributes: { temporalWorkflowId: input.options.workflowId } }, parent);
        const carrier: Record<string, string> = {};
        propagator.inject(trace.setSpan(parent, span), carrier, defaultTextMapSetter);
        const headers = { ...input.headers, [TRACE_HEADER]: defaultPayloadConverter.toPayload(carrier)! };
        try {
          return await inSpan(span, () => next({ ...input, headers }), ({ runId }) => span.setAttribute('run_id', runId));
        } finally {
          // Commands end soon after they have started a job.
          await flush();
        }
      },
    },
    span: async (name, attributes, work, { minMs = 0 } = {}) => {
      const parent = current.getStore();
      return parent === undefined ? await work() : await measured(tracer, parent, { name, attributes, minMs }, work);
    },
    async close() {
      await flush();
      await provider.shutdown().catch(() => undefined);
    },
  };
}

/** W3C trace context from the header; without one, a trace of the run's own, the same for all its steps. */
function parentOf(header: Payload | undefined, { workflowExecution, activityId }: Info): Context {
  if (header !== undefined) {
    try {
      const extracted = propagator.extract(ROOT_CONTEXT, defaultPayloadConverter.fromPayload(header), defaultTextMapGetter);
      if (trace.getSpanContext(extracted) !== undefined) return extracted;
    } catch {
      // Written by others; as if there were none.
    }
  }
  const run = createHash('sha256').update(`${workflowExecution?.workflowId ?? activityId}\n${workflowExecution?.runId ?? ''}`).digest('hex');
  return trace.setSpanContext(ROOT_CONTEXT, { traceId: run.slice(0, 32), spanId: run.slice(32, 48), traceFlags: TraceFlags.SAMPLED, isRemote: true });
}

function attributesOf({ workflowExecution, activityId, activityType, attempt, currentAttemptScheduledTimestampMs, taskQueue }: Info, args: readonly unknown[]): Record<string, string | number> {
  const { video, chunk, border } = subjectOf(activityType, args);
  return {
    // Names as in Temporal's own tracing.
    temporalActivityId: activityId,
    ...(workflowExecution !== undefined && { temporalWorkflowId: workflowExecution.workflowId, run_id: workflowExecution.runId }),
    'vamg.stage': activityType,
    'vamg.attempt': attempt,
    'vamg.task_queue': taskQueue,
    'vamg.queue_wait_ms': Math.max(0, Date.now() - currentAttemptScheduledTimestampMs),
    ...(video !== undefined && { 'vamg.video': video }),
    ...(chunk !== undefined && { 'vamg.chunk': chunk }),
    ...(border !== undefined && { 'vamg.border': border }),
  };
}

/** Ends the span with the work; `note` may add to it before. */
async function inSpan<T>(span: Span, work: () => Promise<T>, note: (result: T) => void): Promise<T> {
  try {
    const result = await work();
    note(result);
    return result;
  } catch (error) {
    markFailed(span, error);
    throw error;
  } finally {
    span.end();
  }
}

interface Measured {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly minMs: number;
}

/** The span is made when the work is over and is known to be worth one. */
async function measured<T>(tracer: Tracer, parent: Context, { name, attributes, minMs }: Measured, work: () => Promise<T>): Promise<T> {
  const startTime = Date.now();
  const record = (error?: unknown): void => {
    const isAnswer = error === undefined || (error instanceof VamgError && error.failure === 'NotFound');
    if (isAnswer && Date.now() - startTime < minMs) return;
    const span = tracer.startSpan(name, { attributes, startTime }, parent);
    if (!isAnswer) markFailed(span, error);
    span.end();
  };
  try {
    const result = await work();
    record();
    return result;
  } catch (error) {
    record(error);
    throw error;
  }
}

/** The catalogue name and its sentence, which holds no host path; never a stack trace. */
function markFailed(span: Span, error: unknown): void {
  if (error instanceof CancelledFailure || (error instanceof Error && error.name === 'AbortError')) return void span.setAttribute('vamg.cancelled', true);
  const name = error instanceof VamgError ? error.failure : error instanceof ApplicationFailure ? (error.type ?? 'Internal') : 'Internal';
  const isKnown = error instanceof VamgError || error instanceof ApplicationFailure;
  span.setAttribute('vamg.failure', name);
  span.setStatus({ code: SpanStatusCode.ERROR, message: isKnown ? `${name}: ${error.message}` : name });
}

/** The exporter says nothing when it cannot deliver; its own words may hold the address, which may hold a password. */
function noticing(exporter: SpanExporter, onProblem: TracingOptions['onProblem']): SpanExporter {
  let isTold = false;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.error !== undefined && !isTold) {
          isTold = true;
          onProblem?.('traces cannot be delivered to the OTLP endpoint; some are lost (said once)');
        }
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
    ...(exporter.forceFlush !== undefined && { forceFlush: () => exporter.forceFlush!() }),
  };
}
