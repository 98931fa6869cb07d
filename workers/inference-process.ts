/**
 * The inference process: a child of an inference worker that holds the ONNX sessions, reads frames and runs one job at a time.
 * Composition root of the inference side.
 */
import { SETTINGS_VARIABLE, type InferenceProcessSettings } from '../models/runtime/inference-protocol';
import { runDetectJob } from './inference-jobs/detect-job';
import { createNetworkCache } from './inference-jobs/network-cache';
import { runTrackJob } from './inference-jobs/track-job';
import { serveInferenceJobs } from './inference-loop';

const settings = JSON.parse(process.env[SETTINGS_VARIABLE] ?? '{"threads":null,"memoryLimitBytes":null}') as InferenceProcessSettings;

serveInferenceJobs((log) => {
  const cache = createNetworkCache({ threads: settings.threads, log });
  return async (job, context) => {
    const networks = await cache.get(job);
    const before = networks.inferenceMs();
    const trailer = job.kind === 'detect' ? await runDetectJob(job, networks.segmenter, context) : await runTrackJob(job, networks, context);
    return { trailer, inferenceMs: networks.inferenceMs() - before };
  };
});
