import type { ImageEmbedding, PromptableSegmenter } from '../../contracts/segmenter';
import { resampleFlow, type FlowField } from '../flow/flow-field';
import { warpValues } from '../flow/flow-warp';
import { emptyRle, isEmptyRle } from '../mask/rle';
import { createFrameFeatures, learnAppearance, poolAppearance, type FrameFeatures } from './appearance';
import { ByteReader, ByteWriter } from './byte-codec';
import type { MaskCandidate } from './candidate-masks';
import { requireStarted } from './current-frame';
import { decodeCandidates, type DecoderSubject } from './decode-candidates';
import type { FeatureCache } from './feature-cache';
import { cleanRegions } from './clean-regions';
import { maskGridOf, quantiseSteps, rleToSteps, upsampleToRle, type MaskGrid } from './mask-grid';
import { boxAndMaskPrompts, boxAndPointPrompts } from './mask-prompts';
import { ObjectRegistry } from './object-registry';
import { advanceObjectState, countInside, createObjectState, readObjectState, refreshObjectState, writeObjectState, type ObjectState } from './object-state';
import { isBack, isRevivalDue, isStillPresent } from './presence';
import type { ObjectMask, TrackFrame, TrackedMask, TrackerSession } from './types';

const SNAPSHOT_MAGIC = 0x50545231; // "PTR1"
/** An S answer at least this good (share of the object's usual overlap with the prediction) is not asked again as P. */
const SURE_WARP_SHARE = 0.92;

export interface PromptTrackerDeps {
  readonly segmenter: PromptableSegmenter;
  /** Shared by the sessions of one chunk. */
  readonly features: FeatureCache;
  readonly signal?: AbortSignal;
}

interface Subject extends DecoderSubject {
  readonly id: number;
  readonly state: ObjectState;
}

/**
 * Follows masks with nothing but a promptable image segmenter: dense flow moves each object's last mask to the new frame,
 * its box and the last logits prompt the decoder (S), and where the answer fits the prediction worse than usual for this
 * object, the box with two inner points asks again (P); the better mask wins. All objects share one decoder call per kind.
 * Cost per frame: one encoder run, one flow (about 50 ms), and 1 to 2 prompts per present object (2 for absent ones during
 * REVIVAL_FRAMES, then on every eighth frame).
 */
export class PromptTracker implements TrackerSession {
  readonly name = 'prompt';
  private readonly registry = new ObjectRegistry();
  private readonly states = new Map<number, ObjectState>();
  private frame: TrackFrame | undefined;

  constructor(private readonly deps: PromptTrackerDeps) {}

  async start(frame: TrackFrame): Promise<void> {
    this.registry.remove(this.registry.liveIds());
    this.states.clear();
    this.frame = frame;
  }

  async addObjects(objects: readonly ObjectMask[]): Promise<void> {
    if (objects.length === 0) return;
    const embedding = await requireStarted(this.frame).embedding();
    const grid = maskGridOf(embedding);
    const features = createFrameFeatures(embedding);
    for (const { objectId, rle } of objects) {
      if (isEmptyRle(rle)) throw new RangeError(`object ${objectId} has an empty mask`);
      const steps = rleToSteps(rle, grid);
      let state = this.states.get(objectId);
      if (state) refreshObjectState(state, steps);
      else {
        this.registry.add(objectId);
        this.states.set(objectId, (state = createObjectState(steps)));
      }
      learnAppearance(state.appearance, poolAppearance(steps, grid, features));
    }
  }

  removeObjects(ids: readonly number[]): void {
    this.registry.remove(ids);
    for (const id of ids) this.states.delete(id);
  }

  async step(frame: TrackFrame): Promise<TrackedMask[]> {
    const previous = requireStarted(this.frame);
    this.frame = frame;
    if (this.registry.size === 0) return [];
    const embedding = await frame.embedding();
    const grid = maskGridOf(embedding);
    const subjects = this.predict(this.deps.features.flowInto(frame, previous), grid);
    const found = await this.ask(subjects, embedding, grid);
    const features = createFrameFeatures(embedding);
    const results = new Map<number, TrackedMask>();
    for (const [i, subject] of subjects.entries()) {
      const tracked = this.settle(subject, found[i] ?? null, grid, features);
      if (tracked) results.set(subject.id, tracked);
    }
    return this.registry.liveIds().map((id) => results.get(id) ?? this.markAbsent(id, grid));
  }

  snapshot(): Uint8Array {
    const out = new ByteWriter().uint(SNAPSHOT_MAGIC).uints(this.registry.liveIds());
    for (const id of this.registry.liveIds()) writeObjectState(out, this.states.get(id)!);
    return out.finish();
  }

  async restore(snapshot: Uint8Array, frame: TrackFrame): Promise<void> {
    const from = new ByteReader(snapshot);
    if (from.uint() !== SNAPSHOT_MAGIC) throw new RangeError('not a snapshot of the prompt tracker');
    await this.start(frame);
    for (const id of from.uints()) {
      this.registry.add(id);
      this.states.set(id, readObjectState(from));
    }
    from.end();
  }

  async dispose(): Promise<void> {
    this.removeObjects(this.registry.liveIds().slice());
    this.frame = undefined;
  }

  /** Objects worth asking for, with their masks moved to the new frame. Absent ones are expected where they were last seen. */
  private predict(flow: FlowField, grid: MaskGrid): Subject[] {
    const coverX = grid.imageWidth / grid.cellX / grid.width;
    const coverY = grid.imageHeight / grid.cellY / grid.height;
    const motion = resampleFlow(flow, grid.width, grid.height, coverX, coverY);
    const subjects: Subject[] = [];
    for (const id of this.registry.liveIds()) {
      const state = this.states.get(id)!;
      if (!state.present && !isRevivalDue(state.absentFor)) continue;
      const predicted = state.present ? warpValues(state.steps, motion, -64) : Float32Array.from(state.steps);
      if (countInside(predicted) > 0) subjects.push({ id, state, predicted, memory: state.steps, usualArea: state.usualArea });
    }
    return subjects;
  }

  private async ask(subjects: readonly Subject[], embedding: ImageEmbedding, grid: MaskGrid): Promise<(MaskCandidate | null)[]> {
    const { segmenter, signal } = this.deps;
    const best = await decodeCandidates(segmenter, embedding, grid, subjects, boxAndMaskPrompts, signal);
    const doubtful = subjects.map((_, i) => i).filter((i) => isDoubtful(subjects[i]!, best[i]!));
    const again = await decodeCandidates(segmenter, embedding, grid, doubtful.map((i) => subjects[i]!), boxAndPointPrompts, signal);
    doubtful.forEach((i, k) => {
      const other = again[k];
      if (other && (!best[i] || other.score > best[i]!.score)) best[i] = other;
    });
    return best;
  }

  /** Takes the answer in, or says null: not there. */
  private settle(subject: Subject, found: MaskCandidate | null, grid: MaskGrid, features: FrameFeatures): TrackedMask | null {
    if (!found) return null;
    const { state, id } = subject;
    const view = poolAppearance(found.logits, grid, features);
    if (!(state.present ? isStillPresent(state, found, view) : isBack(state, found, view))) return null;
    const rle = upsampleToRle(cleanRegions(found.logits, grid), grid);
    if (isEmptyRle(rle)) return null;
    learnAppearance(state.appearance, view);
    advanceObjectState(state, quantiseSteps(found.logits), found.area, found.warpIou);
    return { objectId: id, rle, score: Math.min(1, Math.max(0, found.predictedIou)), present: true };
  }

  private markAbsent(id: number, grid: MaskGrid): TrackedMask {
    const state = this.states.get(id)!;
    state.present = false;
    state.absentFor++;
    return { objectId: id, rle: emptyRle(grid.imageWidth, grid.imageHeight), score: 0, present: false };
  }
}

function isDoubtful(subject: Subject, found: MaskCandidate | null): boolean {
  if (!found || !subject.state.present) return true;
  return found.warpIou < SURE_WARP_SHARE * subject.state.usualWarpIou || found.predictedIou < 0.8;
}
