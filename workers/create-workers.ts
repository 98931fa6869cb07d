import { Worker, type NativeConnection, type WorkerOptions } from '@temporalio/worker';
import { taskQueueName, type WorkerRole } from '../contracts/messages';
import { durationMs } from '../contracts/temporal-config';
import { createPayloadGuard } from './payload-guard';
import { workflowBundle } from './bundle';
import type { AppConfig } from './config';

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
  const { config, connection, namespace } = options;
  const settings = config.temporal.workers;
  return {
    connection,
    namespace,
    taskQueue: taskQueueName(config.queuePrefix, role),
    activities,
    interceptors: { activity: [(context) => ({ inbound: createPayloadGuard(context.info.activityType) })] },
    maxConcurrentActivityTaskExecutions: options.slots?.[role] ?? settings[role].slots,
    maxHeartbeatThrottleInterval: durationMs(settings.inference.heartbeatThrottle),
    shutdownGraceTime: durationMs(settings.shutdownGrace),
    shutdownForceTime: durationMs(settings.shutdownForce),
    ...(role === 'control' && { workflowBundle: await workflowBundle(config.root), maxCachedWorkflows: settings.maxCachedWorkflows }),
  };
}
