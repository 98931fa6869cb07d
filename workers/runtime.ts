import { mkdirSync } from 'node:fs';
import path from 'node:path';
import pino from 'pino';
import { DefaultLogger, Runtime, type LogLevel, type PrometheusMetricsExporter } from '@temporalio/worker';
import { VamgError } from '../contracts/errors';
import { METRICS, QUEUE_WAIT_BUCKETS } from '../contracts/metrics';

export type WorkerLog = pino.Logger;
type PrometheusExporter = PrometheusMetricsExporter['prometheus'];

/** Log to stderr, or to a file when given. Never stdout: that belongs to results. */
export function createLog(level: string, file?: string): WorkerLog {
  if (file !== undefined) mkdirSync(path.dirname(file), { recursive: true });
  const destination = file === undefined ? pino.destination({ fd: 2, sync: true }) : pino.destination({ dest: file, sync: true });
  return pino({ level, base: { pid: process.pid } }, destination);
}

const SDK_LEVELS: Readonly<Record<LogLevel, pino.Level>> = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' };

/** Send the SDK's log to ours, and serve metrics when asked. Once per process, before the first connection. @throws VamgError BadConfig */
export function installRuntime(log: WorkerLog, prometheusAddress: string | null): void {
  const level = log.level === 'silent' ? 'ERROR' : (log.level.toUpperCase() as LogLevel);
  const logger = new DefaultLogger(level, (entry) => {
    // The SDK says it before the step's input is known; `step started` says it with video and chunk.
    if (entry.message === 'Activity started') return;
    const { error, ...meta } = entry.meta ?? {};
    log[SDK_LEVELS[entry.level]]({ ...meta, ...(error !== undefined && { err: error }) }, entry.message);
  });
  try {
    Runtime.install({
      logger,
      shutdownSignals: [],
      telemetryOptions: {
        logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } },
        ...(prometheusAddress !== null && { metrics: { metricPrefix: 'temporal_', prometheus: prometheus(prometheusAddress) } }),
      },
    });
  } catch (cause) {
    if (prometheusAddress === null) throw cause;
    throw new VamgError('BadConfig', `Metrics cannot be served at ${prometheusAddress}; another process may have that port (one per worker process).`, { cause });
  }
}

function prometheus(bindAddress: string): PrometheusExporter {
  return { bindAddress, histogramBucketOverrides: { [METRICS.queueWait.name]: [...QUEUE_WAIT_BUCKETS] } };
}
