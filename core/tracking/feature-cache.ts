import type { ImageEmbedding, PromptableSegmenter, RgbImage } from '../../contracts/segmenter';
import { computeFlow } from '../flow/dense-flow';
import type { FlowField } from '../flow/flow-field';
import { toGrayImage, type GrayImage } from '../flow/gray-image';
import type { TrackFrame } from './types';

/** Longest side of the grey pictures that motion is measured on. */
export const FLOW_SIDE = 224;

/**
 * What is computed once per frame and used by all objects, trackers and both directions: the encoder output, the small grey
 * picture, and the motion to a neighbour. Entries live as long as their frame object; nothing is kept for dropped frames.
 */
export class FeatureCache {
  private readonly grays = new WeakMap<TrackFrame, GrayImage>();
  private readonly flows = new WeakMap<TrackFrame, WeakMap<TrackFrame, FlowField>>();

  /** Grey picture of the frame, longest side FLOW_SIDE. */
  gray(frame: TrackFrame): GrayImage {
    let gray = this.grays.get(frame);
    if (!gray) this.grays.set(frame, (gray = toGrayImage(frame.image, FLOW_SIDE)));
    return gray;
  }

  /** Motion from `to` back to `from`, for carrying masks from `from` to `to` (see FlowField). */
  flowInto(to: TrackFrame, from: TrackFrame): FlowField {
    let perFrame = this.flows.get(to);
    if (!perFrame) this.flows.set(to, (perFrame = new WeakMap()));
    let flow = perFrame.get(from);
    if (!flow) perFrame.set(from, (flow = computeFlow(this.gray(to), this.gray(from))));
    return flow;
  }
}

/** A frame whose encoder output is computed at most once, when first asked for. */
export function createTrackFrame(position: number, image: RgbImage, segmenter: PromptableSegmenter, signal?: AbortSignal): TrackFrame {
  let embedding: Promise<ImageEmbedding> | undefined;
  return {
    position,
    image,
    embedding: () => (embedding ??= segmenter.encode(image, signal)),
  };
}
