import path from 'node:path';
import { createArchiveControlActivities } from '../activities/archive-control-activities';
import { createArchiveMediaActivities } from '../activities/archive-media-activities';
import { createControlActivities } from '../activities/control-activities';
import { createInferenceActivities } from '../activities/inference-activities';
import { createMediaActivities } from '../activities/media-activities';
import { createOpenArchive } from '../adapters/archive/open-archive';
import { probeVideo } from '../adapters/ffmpeg/probe';
import { ArtefactStore } from '../adapters/store/artefact-store';
import { openStore } from '../adapters/store/open-store';
import type { InferenceHost } from '../contracts/inference';
import type { WorkerRole } from '../contracts/messages';
import { durationMs } from '../contracts/temporal-config';
import { createInferenceHost } from '../models/runtime/inference-host';
import type { AppConfig } from './config';
import { connectionSettings, connectWorker } from './connect';
import { createWorkers, type RoleActivities } from './create-workers';
import { mediaTools } from './media-tools';
import { createLog, installRuntime, type WorkerLog } from './runtime';
import { whenToldToStop } from './stop-signals';

export interface RunWorkersOptions {
  readonly config: AppConfig;
  readonly roles: readonly WorkerRole[];
  /** Address of the dev server; the environment decides when absent. */
  readonly address?: string;
  /** Chunks (or films, or steps) at one time, per role; temporal.yaml otherwise. */
  readonly slots?: Partial<Record<WorkerRole, number>>;
  /** Log file; stderr when absent. */
  readonly logFile?: string;
  /** Called when all workers poll. */
  readonly onReady?: () => void;
  /** End when this fires, as on SIGTERM. */
  readonly signal?: AbortSignal;
}

/**
 * Run workers for the given roles until SIGTERM, SIGINT, `signal`, or, in a forked process, until the parent is gone. Ends after
 * running activities had the grace time to store a checkpoint. @throws VamgError SetupMissing, BadConfig
 */
export async function runWorkers(options: RunWorkersOptions): Promise<void> {
  const { config } = options;
  const log = createLog(config.logLevel, options.logFile);
  installRuntime(log, config.temporal.observability.prometheus);
  const settings = connectionSettings(options.address);
  const connection = await connectWorker(settings);
  const hosts: InferenceHost[] = [];
  try {
    const activities = await createActivities(options, log, hosts);
    const namespace = settings.namespace ?? config.temporal.namespace.name;
    const workers = await createWorkers({ config, connection, namespace, activities, ...(options.slots && { slots: options.slots }) });
    const stop = whenToldToStop(options.signal);
    void stop.then(() => workers.forEach((worker) => worker.getState() === 'RUNNING' && worker.shutdown()));
    const running = workers.map((worker) => worker.run());
    log.info({ roles: options.roles, queuePrefix: config.queuePrefix }, 'workers are running');
    options.onReady?.();
    const results = await Promise.allSettled(
      running.map((run) =>
        run.catch((error: unknown) => {
          workers.forEach((worker) => worker.getState() === 'RUNNING' && worker.shutdown());
          throw error;
        }),
      ),
    );
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined && !isGraceExpired(failed.reason)) throw failed.reason;
  } finally {
    await Promise.all(hosts.map((host) => host.close()));
    await connection.close();
  }
}

/** Activities that ignored cancellation through the whole grace time: the process ends anyway, the server hands them out again. */
function isGraceExpired(error: unknown): boolean {
  return error instanceof Error && error.name === 'GracefulShutdownPeriodExpiredError';
}

async function createActivities({ config, roles, slots }: RunWorkersOptions, log: WorkerLog, hosts: InferenceHost[]): Promise<RoleActivities> {
  const { store, sources } = await openStore(config.storeUrl, { cacheDir: path.join(config.home, 'videos') });
  const artefacts = new ArtefactStore(store, config.scratchRoot);
  const openArchive = createOpenArchive({ fetchFolder: path.join(config.home, 'archive-videos'), scratchRoot: config.scratchRoot });
  const archive = { artefacts, openArchive, sources, probe: (file: string, signal: AbortSignal) => probeVideo(file, undefined, signal) };
  const has = (role: WorkerRole): boolean => roles.includes(role);
  const { stall, threads, memoryLimitMb, slots: configuredSlots } = config.temporal.workers.inference;
  const stallMs = durationMs(stall);
  const createHost = (): InferenceHost => {
    const host = createInferenceHost({
      entry: path.join(config.root, 'dist', 'workers', 'inference-process.js'),
      stallTimeoutMs: stallMs,
      threads,
      memoryLimitBytes: memoryLimitMb === null ? null : memoryLimitMb * 1048576,
      log: (level, message) => log[level](message),
    });
    hosts.push(host);
    return host;
  };
  const inferenceSlots = slots?.inference ?? configuredSlots;
  return {
    ...(has('control') && { control: { ...createControlActivities({ artefacts }), ...createArchiveControlActivities(archive) } }),
    ...(has('media') && { media: { ...createMediaActivities({ artefacts, sources, media: mediaTools }), ...createArchiveMediaActivities(archive) } }),
    ...(has('inference') && {
      inference: createInferenceActivities({ artefacts, sources, host: hostPool(Array.from({ length: inferenceSlots }, createHost)), stallSeconds: stallMs / 1000 }),
    }),
  };
}

/** As many inference processes as slots; a job takes one that is free. */
function hostPool(hosts: readonly InferenceHost[]): InferenceHost {
  const free = [...hosts];
  return {
    async runJob(job, handlers, signal) {
      const host = free.pop() ?? hosts[0]!;
      try {
        return await host.runJob(job, handlers, signal);
      } finally {
        free.push(host);
      }
    },
    close: async () => void (await Promise.all(hosts.map((host) => host.close()))),
  };
}
