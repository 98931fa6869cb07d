import path from 'node:path';
import type { MetricMeter } from '@temporalio/common';
import { createArchiveControlActivities } from '../activities/archive-control-activities';
import { createArchiveMediaActivities } from '../activities/archive-media-activities';
import { createControlActivities } from '../activities/control-activities';
import { createInferenceActivities } from '../activities/inference-activities';
import { createMediaActivities } from '../activities/media-activities';
import { PromisedVideos } from '../activities/promised-videos';
import { createOpenArchive } from '../adapters/archive/open-archive';
import { probeVideo } from '../adapters/ffmpeg/probe';
import { ArtefactStore } from '../adapters/store/artefact-store';
import { openStore } from '../adapters/store/open-store';
import { packageVersion } from '../cli/output/user-folder';
import type { WorkerRole } from '../contracts/messages';
import { METRICS } from '../contracts/metrics';
import { durationMs } from '../contracts/temporal-config';
import type { AppConfig } from './config';
import type { RoleActivities } from './create-workers';
import { createHosts, hostPool } from './inference-hosts';
import { mediaTools } from './media-tools';
import type { WorkerLog } from './runtime';
import { tracedHost } from './tracing/traced';
import type { Tracing } from './tracing/tracing';
import { watchedStore } from './watched-store';

export interface CreateActivitiesOptions {
  readonly config: AppConfig;
  readonly roles: readonly WorkerRole[];
  /** Inference processes. */
  readonly inferenceSlots: number;
  /** GPUs that they share out; empty leaves the choice to the networks. */
  readonly gpus: readonly string[];
  /** JavaScript file of the inference process; the product's own when absent. */
  readonly inferenceEntry?: string;
  readonly meter: MetricMeter;
  readonly log: WorkerLog;
  readonly tracing: Tracing | null;
}

/** Bind store, ffmpeg and inference processes to the activities of some roles. @throws VamgError BadConfig */
export async function createActivities(options: CreateActivitiesOptions): Promise<{ activities: RoleActivities; close: () => Promise<void> }> {
  const { config, roles, meter, tracing } = options;
  const retries = meter.createCounter(METRICS.storeRetries.name, undefined, METRICS.storeRetries.meaning);
  const { store, sources } = await openStore(config.storeUrl, { cacheDir: path.join(config.home, 'videos'), onRetry: () => retries.add(1) });
  const artefacts = new ArtefactStore(watchedStore(store, meter, tracing), config.scratchRoot);
  const openArchive = createOpenArchive({ fetchFolder: path.join(config.home, 'archive-videos'), scratchRoot: config.scratchRoot });
  const promised = new PromisedVideos();
  const archive = { artefacts, openArchive, sources, promised, probe: (file: string, signal: AbortSignal) => probeVideo(file, undefined, signal) };
  const has = (role: WorkerRole): boolean => roles.includes(role);
  const hosts = has('inference') ? createHosts(options) : [];
  const stallSeconds = durationMs(config.temporal.workers.inference.stall) / 1000;
  return {
    activities: {
      ...(has('control') && { control: { ...createControlActivities({ artefacts }), ...createArchiveControlActivities(archive) } }),
      ...(has('media') && { media: { ...createMediaActivities({ artefacts, sources, media: mediaTools, version: packageVersion(), promised }), ...createArchiveMediaActivities(archive) } }),
      ...(has('inference') && { inference: createInferenceActivities({ artefacts, sources, host: tracedHost(hostPool(hosts), tracing), stallSeconds }) }),
    },
    close: async () => void (await Promise.all(hosts.map((host) => host.close()))),
  };
}
