import { VamgError } from '../../contracts/errors';
import type { InferenceJob } from '../../contracts/inference';
import type { VideoNetwork } from '../../contracts/video-network';
import type { PromptableSegmenter } from '../../contracts/segmenter';
import { resolveBundle } from '../../models/bundles/bundle-registry';
import { hasMemoryNetwork } from '../../models/bundles/prefer-bundle';
import { openImageSegmenter, openVideoNetwork } from '../../models/open-networks';

export interface NetworkCacheOptions {
  /** Threads of one network run; null lets onnxruntime decide. */
  readonly threads: number | null;
  readonly log: (level: 'info' | 'warn', message: string) => void;
}

/** The networks of one bundle at one input size. */
export interface Networks {
  readonly segmenter: PromptableSegmenter;
  readonly hasMemory: boolean;
  /** The bundle's memory network; loaded at the first call. Rejects with VamgError BadConfig when the bundle has none. */
  memory(): Promise<VideoNetwork>;
  /** Milliseconds inside all of them so far. */
  inferenceMs(): number;
  dispose(): Promise<void>;
}

/** Keeps the networks of the last job loaded: chunks of one video come one after another and ask for the same ones. */
export function createNetworkCache(options: NetworkCacheOptions): { get(job: InferenceJob): Promise<Networks> } {
  let loaded: { key: string; networks: Networks } | null = null;
  return {
    async get(job) {
      const key = JSON.stringify([job.model, job.inputSize, job.device]);
      if (loaded?.key === key) return loaded.networks;
      await loaded?.networks.dispose();
      loaded = null;
      const networks = await loadNetworks(job, options);
      loaded = { key, networks };
      return networks;
    },
  };
}

async function loadNetworks(job: InferenceJob, options: NetworkCacheOptions): Promise<Networks> {
  const bundle = await resolveBundle(job.model.name);
  if (bundle.sha256 !== job.model.sha256)
    throw new VamgError('BadConfig', `Model bundle ${job.model.name} on this worker is not the one the job was made with; install the same version on every machine and start the job again.`);
  const session = {
    device: job.device,
    ...(options.threads === null ? {} : { intraOpThreads: options.threads }),
    onLog: (message: string) => options.log('info', message),
  };
  const segmenter = await openImageSegmenter(bundle, job.inputSize, { ...session, encoderThread: true });
  let loading: Promise<VideoNetwork> | null = null;
  let memory: VideoNetwork | null = null;
  return {
    segmenter,
    hasMemory: hasMemoryNetwork(bundle.manifest),
    async memory() {
      loading ??= openVideoNetwork(bundle, segmenter, session);
      loading.catch(() => (loading = null));
      return (memory = await loading);
    },
    // A model of SAM 2 is both.
    inferenceMs: () => [...new Set([segmenter, memory])].reduce((sum, network) => sum + (network?.inferenceMs() ?? 0), 0),
    async dispose() {
      await Promise.all([segmenter.dispose(), memory?.dispose()]);
    },
  };
}
