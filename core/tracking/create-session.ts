import type { PromptableSegmenter } from '../../contracts/segmenter';
import { FeatureCache } from './feature-cache';
import { IouTracker } from './iou-tracker';
import { PromptTracker } from './prompt-tracker';
import type { TrackerSession } from './types';

/** Maker of sessions for one chunk; they share what is computed per frame. The memory tracker brings its own maker. */
export function createTrackerSession(name: 'iou' | 'prompt', segmenter: PromptableSegmenter, signal?: AbortSignal): () => TrackerSession {
  const features = new FeatureCache();
  if (name === 'iou') return () => new IouTracker(features);
  return () => new PromptTracker(signal ? { segmenter, features, signal } : { segmenter, features });
}
