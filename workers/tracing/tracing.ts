import type { Context } from '@temporalio/activity';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { ActivityInterceptors } from '@temporalio/worker';
import { VamgError } from '../../contracts/errors';
import type * as OpenTelemetry from './open-telemetry';

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** OpenTelemetry traces: a trace per job, a span per attempt of a step, and spans of what takes the time inside it. */
export interface Tracing {
  /** The span of an attempt; what `span` measures meanwhile is below it. */
  traceStep(context: Context): ActivityInterceptors;
  /** Begins the trace of a workflow that this process starts, below the caller's own span where there is one. */
  readonly traceStart: WorkflowClientInterceptor;
  /** A span around a part of a step. Without a step around it, or when it took less than `minMs` and went well, there is none. */
  span<T>(name: string, attributes: SpanAttributes, work: () => Promise<T>, options?: { readonly minMs?: number }): Promise<T>;
  /** Deliver what is left; a few seconds at most. */
  close(): Promise<void>;
}

export interface TracingOptions {
  /** Name of the service when OTEL_SERVICE_NAME names none. */
  readonly service: string;
  /** Told once when traces cannot be delivered. */
  readonly onProblem?: (message: string) => void;
}

const ENDPOINTS = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
const PROTOCOLS = ['OTEL_EXPORTER_OTLP_PROTOCOL', 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'];

/**
 * Traces to the OTLP/HTTP endpoint that the environment names (the variables are OpenTelemetry's own: OTEL_EXPORTER_OTLP_ENDPOINT,
 * OTEL_EXPORTER_OTLP_HEADERS, OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, OTEL_SDK_DISABLED). null when it names none: then nothing
 * of OpenTelemetry is loaded. @throws VamgError BadConfig, SetupMissing
 */
export function startTracing(options: TracingOptions, env: NodeJS.ProcessEnv = process.env): Tracing | null {
  if (env['OTEL_SDK_DISABLED'] === 'true' || ENDPOINTS.every((name) => (env[name] ?? '') === '')) return null;
  const grpc = PROTOCOLS.find((name) => env[name] === 'grpc');
  if (grpc !== undefined) throw new VamgError('BadConfig', `${grpc} asks for gRPC; traces are sent over HTTP: unset it and name the HTTP port of the collector, usually 4318.`);
  return load().createTracing(options);
}

/** `require`, because most processes never need it, and the packages are optional. */
function load(): typeof OpenTelemetry {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    return require('./open-telemetry') as typeof OpenTelemetry;
  } catch (cause) {
    throw new VamgError('SetupMissing', 'OTEL_EXPORTER_OTLP_ENDPOINT is set, but the optional packages @opentelemetry/… are not installed; install without --omit=optional, or unset it.', { cause });
  }
}
