import { VamgError } from '../../contracts/errors';
import type { InferenceJob } from '../../contracts/inference';
import type { PromptableSegmenter } from '../../contracts/segmenter';
import { resolveBundle } from '../../models/bundles/bundle-registry';
import { createSamModel } from '../../models/sam/sam-model';

export interface SegmenterCacheOptions {
  /** Threads of one network run; null lets onnxruntime decide. */
  readonly threads: number | null;
  readonly log: (level: 'info' | 'warn', message: string) => void;
}

/** Keeps the networks of the last job loaded: chunks of one video come one after another and ask for the same ones. */
export function createSegmenterCache(options: SegmenterCacheOptions): { get(job: InferenceJob): Promise<PromptableSegmenter> } {
  let loaded: { key: string; segmenter: PromptableSegmenter } | null = null;
  return {
    async get(job) {
      const key = JSON.stringify([job.model, job.inputSize, job.device]);
      if (loaded?.key === key) return loaded.segmenter;
      await loaded?.segmenter.dispose();
      loaded = null;
      const bundle = await resolveBundle(job.model.name);
      if (bundle.sha256 !== job.model.sha256)
        throw new VamgError('BadConfig', `Model bundle ${job.model.name} on this worker is not the one the job was made with; install the same version on every machine and start the job again.`);
      const segmenter = await createSamModel(bundle, job.inputSize, {
        device: job.device,
        ...(options.threads === null ? {} : { intraOpThreads: options.threads }),
        onLog: (message: string) => options.log('info', message),
      });
      loaded = { key, segmenter };
      return segmenter;
    },
  };
}
