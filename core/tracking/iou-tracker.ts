import { warpRle } from '../flow/warp-rle';
import { emptyRle, isEmptyRle } from '../mask/rle';
import type { Rle } from '../mask/types';
import { ByteReader, ByteWriter } from './byte-codec';
import { requireStarted } from './current-frame';
import type { FeatureCache } from './feature-cache';
import { ObjectRegistry } from './object-registry';
import type { ObjectMask, TrackFrame, TrackedMask, TrackerSession } from './types';

const SNAPSHOT_MAGIC = 0x494f5531; // "IOU1"
/** Each frame without a detection costs a prediction this share of its score. */
const SCORE_DECAY = 0.95;

interface Prediction {
  rle: Rle;
  score: number;
}

/**
 * Predicts where each mask goes by dense flow alone; it is the detections, on every frame, that decide (see trackChunk, which
 * matches them with the predictions at mask IoU `newObjectIou` by optimal assignment). No network run of its own.
 */
export class IouTracker implements TrackerSession {
  readonly name = 'iou';
  private readonly registry = new ObjectRegistry();
  private readonly predictions = new Map<number, Prediction>();
  private frame: TrackFrame | undefined;

  constructor(private readonly features: FeatureCache) {}

  async start(frame: TrackFrame): Promise<void> {
    this.removeObjects(this.registry.liveIds().slice());
    this.frame = frame;
  }

  async addObjects(objects: readonly ObjectMask[]): Promise<void> {
    requireStarted(this.frame);
    for (const { objectId, rle, score } of objects) {
      if (isEmptyRle(rle)) throw new RangeError(`object ${objectId} has an empty mask`);
      if (!this.registry.has(objectId)) this.registry.add(objectId);
      this.predictions.set(objectId, { rle, score });
    }
  }

  removeObjects(ids: readonly number[]): void {
    this.registry.remove(ids);
    for (const id of ids) this.predictions.delete(id);
  }

  async step(frame: TrackFrame): Promise<TrackedMask[]> {
    const previous = requireStarted(this.frame);
    this.frame = frame;
    if (this.registry.size === 0) return [];
    const flow = this.features.flowInto(frame, previous);
    return this.registry.liveIds().map((objectId) => {
      const prediction = this.predictions.get(objectId)!;
      const moved = warpRle(prediction.rle, flow);
      const present = !isEmptyRle(moved);
      prediction.rle = present ? moved : emptyRle(moved.width, moved.height);
      prediction.score = present ? prediction.score * SCORE_DECAY : 0;
      return { objectId, rle: prediction.rle, score: prediction.score, present };
    });
  }

  snapshot(): Uint8Array {
    const out = new ByteWriter().uint(SNAPSHOT_MAGIC).uints(this.registry.liveIds());
    for (const id of this.registry.liveIds()) {
      const { rle, score } = this.predictions.get(id)!;
      out.uint(rle.width).uint(rle.height).uints(rle.counts).float(score);
    }
    return out.finish();
  }

  async restore(snapshot: Uint8Array, frame: TrackFrame): Promise<void> {
    const from = new ByteReader(snapshot);
    if (from.uint() !== SNAPSHOT_MAGIC) throw new RangeError('not a snapshot of the iou tracker');
    await this.start(frame);
    for (const id of from.uints()) {
      this.registry.add(id);
      const [width, height] = [from.uint(), from.uint()];
      this.predictions.set(id, { rle: { width, height, counts: from.uints() }, score: from.float() });
    }
    from.end();
  }

  async dispose(): Promise<void> {
    this.removeObjects(this.registry.liveIds().slice());
    this.frame = undefined;
  }
}
