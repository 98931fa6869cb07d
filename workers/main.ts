import { Runtime, type NativeConnection, type Worker } from '@temporalio/worker';
import type { WorkerRole } from '../contracts/messages';
import type { AppConfig } from './config';
import { connectionSettings, connectWorker } from './connect';
import { createActivities } from './create-activities';
import { createWorkers } from './create-workers';
import { inferenceSlots } from './gpus';
import { startHealthServer, type WorkerPhase } from './health';
import { createLog, installRuntime } from './runtime';
import { whenToldToStop } from './stop-signals';
import { startTracing } from './tracing/tracing';

export interface RunWorkersOptions {
  readonly config: AppConfig;
  readonly roles: readonly WorkerRole[];
  /** Address of the dev server; the environment decides when absent. */
  readonly address?: string;
  /** Chunks (or films, or steps) at one time, per role; temporal.yaml otherwise. */
  readonly slots?: Partial<Record<WorkerRole, number>>;
  /** GPUs of this worker, one inference process each (or more, with more slots). */
  readonly gpus?: readonly string[];
  /** JavaScript file of the inference process; the product's own when absent. */
  readonly inferenceEntry?: string;
  /** Workflows that start on this worker stay with workers of the same build. */
  readonly buildId?: string;
  /** host:port for Prometheus; temporal.yaml decides when absent. */
  readonly metricsAddress?: string;
  /** Port of the health endpoint; none when absent. */
  readonly healthPort?: number;
  /** Log file; stderr when absent. */
  readonly logFile?: string;
  /** Called when all workers poll. */
  readonly onReady?: () => void;
  /** Called when the process was told to end and waits for running activities. */
  readonly onDrain?: () => void;
  /** End when this fires, as on SIGTERM. */
  readonly signal?: AbortSignal;
}

const PING_MS = 3_000;

/**
 * Run workers for the given roles until SIGTERM, SIGINT, `signal`, or, in a forked process, until the parent is gone. Ends after
 * running activities had the grace time to store a checkpoint. @throws VamgError SetupMissing, BadConfig
 */
export async function runWorkers(options: RunWorkersOptions): Promise<void> {
  const { config, roles, gpus = [] } = options;
  const slots = { ...options.slots, inference: inferenceSlots(gpus, options.slots?.inference, config.temporal.workers.inference.slots) };
  const log = createLog(config.logLevel, options.logFile);
  installRuntime(log, options.metricsAddress ?? config.temporal.observability.prometheus);
  let phase: WorkerPhase = 'starting';
  let connection: NativeConnection | undefined;
  const closers: (() => Promise<void>)[] = [];
  try {
    if (options.healthPort !== undefined) {
      const health = await startHealthServer({ port: options.healthPort, phase: () => phase, ping: () => ping(connection) });
      closers.push(health.close);
    }
    const settings = connectionSettings(options.address);
    const tracing = startTracing({ service: `video-amg-${roles.length === 1 ? roles[0] : 'worker'}`, onProblem: (message) => log.warn(message) });
    if (tracing !== null) closers.unshift(tracing.close);
    connection = await connectWorker(settings);
    closers.unshift(() => connection?.close() ?? Promise.resolve());
    const { activities, close } = await createActivities({
      config,
      roles,
      inferenceSlots: slots.inference,
      gpus,
      ...(options.inferenceEntry !== undefined && { inferenceEntry: options.inferenceEntry }),
      meter: Runtime.instance().metricMeter,
      log,
      tracing,
    });
    closers.unshift(close);
    const namespace = settings.namespace ?? config.temporal.namespace.name;
    const workers = await createWorkers({ config, connection, namespace, activities, slots, tracing, ...(options.buildId !== undefined && { buildId: options.buildId }) });
    void whenToldToStop(options.signal).then(() => {
      phase = 'draining';
      options.onDrain?.();
      shutDown(workers);
    });
    const running = workers.map((worker) => worker.run());
    if (phase === 'starting') phase = 'running';
    log.info({ roles, queuePrefix: config.queuePrefix }, 'workers are running');
    options.onReady?.();
    await untilDone(workers, running);
  } finally {
    for (const close of closers) await close();
  }
}

/** When one worker fails the others end too. @throws what the first of them failed with */
async function untilDone(workers: readonly Worker[], running: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(
    running.map((run) =>
      run.catch((error: unknown) => {
        shutDown(workers);
        throw error;
      }),
    ),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined && !isGraceExpired(failed.reason)) throw failed.reason;
}

function shutDown(workers: readonly Worker[]): void {
  for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
}

/** Activities that ignored cancellation through the whole grace time: the process ends anyway, the server hands them out again. */
function isGraceExpired(error: unknown): boolean {
  return error instanceof Error && error.name === 'GracefulShutdownPeriodExpiredError';
}

async function ping(connection: NativeConnection | undefined): Promise<void> {
  if (connection === undefined) throw new Error('not connected yet');
  await connection.withDeadline(Date.now() + PING_MS, () => connection.workflowService.getSystemInfo({}));
}
