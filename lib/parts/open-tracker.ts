import { PRESETS } from '../../contracts/presets';
import type { VideoNetwork } from '../../contracts/video-network';
import type { PromptableSegmenter, RgbImage } from '../../contracts/segmenter';
import { chooseTracker, createTrackerSession } from '../../core/tracking/create-session';
import { createTrackFrame } from '../../core/tracking/feature-cache';
import type { TrackerName, TrackerSession, TrackFrame } from '../../core/tracking/types';
import { loadBundles, loadNetworks } from './lazy';
import type { SegmenterOptions } from './segment-image';

export interface TrackerOptions extends SegmenterOptions {
  /** docs/trackers.md; `auto` (default) is memory where the model has a network for it, else prompt. */
  readonly tracker?: 'auto' | TrackerName;
  /** Whether the memory tracker's masks are redrawn by SAM; default true. */
  readonly sharpen?: boolean;
}

/** A tracker with the networks it uses, in this process. */
export interface OpenTracker {
  readonly session: TrackerSession;
  readonly segmenter: PromptableSegmenter;
  /** A frame for the session; positions are numbers in a row. */
  frame(position: number, image: RgbImage): TrackFrame;
  dispose(): Promise<void>;
}

/**
 * Load a model and make a tracker over it. The preset decides the size of the network's input; default `balanced`.
 * @throws VamgError as openSegmenter; BadConfig for the memory tracker with a model that has no network for it
 */
export async function openTracker(options: TrackerOptions = {}): Promise<OpenTracker> {
  const { model = 'mobilesam', preset = 'balanced', device = 'auto', tracker = 'auto', sharpen = true, onLog, signal } = options;
  const bundle = await loadBundles().ensureBundle(model, { log: (line) => onLog?.(line), ...(signal && { signal }) });
  const settings = { device, ...(onLog && { onLog }) };
  const name = chooseTracker(tracker, loadBundles().hasMemoryNetwork(bundle.manifest));
  const segmenter = await loadNetworks().openImageSegmenter(bundle, options.inputSize ?? PRESETS[preset].inputSize, settings);
  let memory: VideoNetwork | undefined;
  try {
    if (name === 'memory') memory = await loadNetworks().openVideoNetwork(bundle, segmenter, settings);
  } catch (error) {
    await segmenter.dispose();
    throw error;
  }
  const session = createTrackerSession(name, { segmenter, sharpen, rememberedFrames: PRESETS[preset].tracking.rememberedFrames, ...(memory && { memory }), ...(signal && { signal }) })();
  return {
    session,
    segmenter,
    frame: (position, image) => createTrackFrame(position, image, segmenter, signal),
    dispose: async () => {
      await session.dispose();
      await Promise.all([segmenter.dispose(), memory?.dispose()]);
    },
  };
}
