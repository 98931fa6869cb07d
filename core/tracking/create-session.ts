import { isCutieNetwork, isDeaotNetwork, isSam2Network, isXmemNetwork, type VideoNetwork } from '../../contracts/video-network';
import type { TrackingOptions } from '../../contracts/segment-options';
import type { PromptableSegmenter } from '../../contracts/segmenter';
import { CutieTracker } from './cutie/cutie-tracker';
import { DeaotTracker } from './deaot/deaot-tracker';
import { FrameCache } from './deaot/frame-cache';
import { FeatureCache } from './feature-cache';
import { IouTracker } from './iou-tracker';
import { bankLimits } from './memory/bank-schedule';
import { KeyCache } from './memory/key-cache';
import { MemoryTracker } from './memory/memory-tracker';
import { createSharpener } from './memory/sharpen';
import { PromptTracker } from './prompt-tracker';
import { Sam2Tracker } from './sam2/sam2-tracker';
import type { TrackerName, TrackerSession } from './types';
import { XmemTracker } from './xmem/xmem-tracker';

/** The tracker that an option means: `auto` is the memory tracker where there is a memory network, else prompt. */
export function chooseTracker(option: TrackingOptions['tracker'], hasMemory: boolean): TrackerName {
  if (option !== 'auto') return option;
  return hasMemory ? 'memory' : 'prompt';
}

/** What trackers work with. */
export interface TrackerTools {
  readonly segmenter: PromptableSegmenter;
  /** Needed by the memory tracker only. */
  readonly memory?: VideoNetwork;
  /** Whether the memory tracker's masks are redrawn by the segmenter; SAM 2, Cutie, XMem and DeAOT draw their own. */
  readonly sharpen?: boolean;
  /** Most frames that the built-in memory network looks back at; 10 when absent. */
  readonly rememberedFrames?: number;
  /** Told on every frame when the built-in memory network has answered, for so many objects, and its masks are worked on. */
  readonly onComputing?: (objects: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Maker of sessions for one chunk; they share what is computed per frame.
 * @throws RangeError for the memory tracker without a memory network.
 */
export function createTrackerSession(name: TrackerName, tools: TrackerTools): () => TrackerSession {
  const { segmenter, memory, sharpen = false, rememberedFrames, onComputing, signal } = tools;
  const stop = signal ? { signal } : {};
  if (name === 'memory') {
    if (!memory) throw new RangeError('the memory tracker needs a memory network');
    if (isSam2Network(memory)) return () => new Sam2Tracker({ network: memory, ...stop });
    if (isDeaotNetwork(memory)) {
      const frames = new FrameCache(memory, signal);
      return () => new DeaotTracker({ network: memory, frames, ...stop });
    }
    if (isCutieNetwork(memory)) return () => new CutieTracker({ network: memory, ...stop });
    if (isXmemNetwork(memory)) return () => new XmemTracker({ network: memory, ...stop });
    const keys = new KeyCache(memory, signal);
    const sharpener = sharpen ? { sharpen: createSharpener(segmenter, signal) } : {};
    const limits = rememberedFrames === undefined ? {} : { limits: bankLimits(rememberedFrames) };
    const tell = onComputing ? { onComputing } : {};
    return () => new MemoryTracker({ network: memory, keys, ...sharpener, ...limits, ...tell, ...stop });
  }
  const features = new FeatureCache();
  if (name === 'iou') return () => new IouTracker(features);
  return () => new PromptTracker({ segmenter, features, ...stop });
}
