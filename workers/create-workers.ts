import { Worker, type NativeConnection, type WorkerOptions } from '@temporalio/worker';
import { taskQueueName, type WorkerRole } from '../contracts/messages';
import { durationMs } from '../contracts/temporal-config';
import { workflowBundle } from './bundle';
import type { AppConfig } from './config';
import { dataConverter } from './data-converter';
import { createPayloadGuard } from './payload-guard';
import { createStepLog } from './step-log';
import { createStepMetrics } from './step-metrics';
import type { Tracing } from './tracing/tracing';

export interface RoleActivities {
  readonly control?: object;
  readonly media?: object;
  readonly inference?: object;
}

export interface CreateWorkersOptions {
  readonly config: AppConfig;
  readonly connection: NativeConnection;
  readonly namespace: string;
  /** A worker is created for each role that has activities; the control worker also runs the workflows. */
  readonly activities: RoleActivities;
  readonly slots?: Partial<Record<WorkerRole, number>>;
  readonly tracing?: Tracing | null;
  /**
   * Version of the workflow code. A workflow stays on the version it started on; activities are taken by any worker, because what
   * goes in and out of them is the store's business.
   */
  readonly buildId?: string;
}

/** One Worker per role. */
export async function createWorkers(options: CreateWorkersOptions): Promise<Worker[]> {
  const workers: Worker[] = [];
  for (const role of ['control', 'media', 'inference'] as const) {
    const activities = options.activities[role];
    if (activities !== undefined) workers.push(await Worker.create(await workerOptions(options, role, activities)));
  }
  return workers;
}

async function workerOptions(options: CreateWorkersOptions, role: WorkerRole, activities: object): Promise<WorkerOptions> {
  const { config, connection, namespace, tracing = null } = options;
  const settings = config.temporal.workers;
  return {
    connection,
    namespace,
    ...dataConverter(),
    taskQueue: taskQueueName(config.queuePrefix, role),
    activities,
    interceptors: { activity: [createStepLog, ...(tracing === null ? [] : [tracing.traceStep]), (context) => ({ inbound: createStepMetrics(context) }), (context) => ({ inbound: createPayloadGuard(context.info.activityType) })] },
    maxConcurrentActivityTaskExecutions: options.slots?.[role] ?? settings[role].slots,
    maxHeartbeatThrottleInterval: durationMs(settings.inference.heartbeatThrottle),
    shutdownGraceTime: durationMs(settings.shutdownGrace),
    shutdownForceTime: durationMs(settings.shutdownForce),
    ...(role === 'control' && { workflowBundle: await workflowBundle(config.root), maxCachedWorkflows: settings.maxCachedWorkflows, ...deployment(options) }),
  };
}

function deployment({ config, buildId }: CreateWorkersOptions): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  if (buildId === undefined) return {};
  const version = { deploymentName: config.temporal.workers.deployment, buildId };
  return { workerDeploymentOptions: { useWorkerVersioning: true, version, defaultVersioningBehavior: 'PINNED' } };
}
