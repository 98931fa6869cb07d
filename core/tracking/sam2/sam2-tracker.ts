import type { Sam2Network } from '../../../contracts/sam2-network';
import type { ImageEmbedding } from '../../../contracts/segmenter';
import { emptyRle, isEmptyRle } from '../../mask/rle';
import type { Rle } from '../../mask/types';
import { requireStarted } from '../current-frame';
import { maskGridOf, upsampleToRle, type MaskGrid } from '../mask-grid';
import { ObjectRegistry } from '../object-registry';
import { concatenate, takePart } from '../object-parts';
import type { ObjectMask, TrackFrame, TrackedMask, TrackerSession } from '../types';
import { packBfloats } from './bfloat16';
import { chooseMask, usesMultimask, type ChosenMask } from './choose-mask';
import { fillHoles } from './fill-holes';
import { givenMask } from './given-mask';
import { buildMemoryQuery, groupObjects } from './memory-query';
import { masksWithoutOverlap } from './non-overlap';
import { ObjectMemory } from './object-memory';
import { decodeSam2State, encodeSam2State } from './sam2-snapshot';

/** What became of one object on one frame. */
export interface RememberedObject {
  readonly objectId: number;
  readonly isConditioning: boolean;
  /** [maskSize * maskSize], small holes filled. */
  readonly logits: Float32Array;
  readonly objectScore: number;
  readonly pointer: Float32Array;
  /** [mem_dim, places], before it is rounded to bfloat16. */
  readonly memory: Float32Array;
}

export interface Sam2TrackerDeps {
  readonly network: Sam2Network;
  /** Told of all that is remembered, to compare with another implementation. */
  readonly onRemembered?: (object: RememberedObject) => void;
  readonly signal?: AbortSignal;
}

/** An object that was moved to the current frame. */
interface MovedObject {
  readonly id: number;
  readonly mask: ChosenMask;
}

/** Object score of a mask that was given. */
const GIVEN_SCORE = 10;

/**
 * Follows masks with the video networks of SAM 2 or EdgeTAM and the rules of its video predictor (sam2_video_predictor.py, sam2_base.py): every object by
 * itself, its mask from the frame's features in the light of its memories and pointers. Objects that remember equally much share network
 * runs. Frames are numbered by position; a correction on a frame that was tracked is remembered as a tracked one, unless the settings say
 * otherwise. Two things differ from upstream: what cannot be read again is forgotten, and distances in time are measured against
 * `max_obj_ptrs_in_encoder` also in videos that have fewer frames.
 * Cost per frame: one encoder run, and for each object one memory attention, decoder and memory encoder.
 */
export class Sam2Tracker implements TrackerSession {
  readonly name = 'memory';
  private readonly registry = new ObjectRegistry();
  private memories = new Map<number, ObjectMemory>();
  private frame: TrackFrame | undefined;

  constructor(private readonly deps: Sam2TrackerDeps) {}

  async start(frame: TrackFrame): Promise<void> {
    this.removeObjects(this.registry.liveIds().slice());
    this.frame = frame;
  }

  async addObjects(objects: readonly ObjectMask[]): Promise<void> {
    if (objects.length === 0) return;
    const frame = requireStarted(this.frame);
    for (const { objectId, rle } of objects) if (isEmptyRle(rle)) throw new RangeError(`object ${objectId} has an empty mask`);
    const latest = new Map(objects.map(({ objectId, rle }) => [objectId, rle]));
    const embedding = await frame.embedding();
    const { network } = this.deps;
    for (const part of groupObjects([...latest.keys()], () => '', () => network.objectsPerRun(network.settings.num_maskmem))) await this.give(part, latest, embedding, frame.position);
  }

  removeObjects(ids: readonly number[]): void {
    this.registry.remove(ids);
    for (const id of ids) this.memories.delete(id);
  }

  async step(frame: TrackFrame): Promise<TrackedMask[]> {
    const direction = frame.position < requireStarted(this.frame).position ? -1 : 1;
    this.frame = frame;
    const ids = this.registry.liveIds();
    if (ids.length === 0) return [];
    const embedding = await frame.embedding();
    const { network } = this.deps;
    const selections = new Map(ids.map((id) => [id, this.memories.get(id)!.select(frame.position, direction)]));
    const alike = (id: number): string => `${selections.get(id)!.memories.length} ${selections.get(id)!.pointers.length}`;
    const moved: MovedObject[] = [];
    for (const part of groupObjects(ids, alike, (id) => network.objectsPerRun(selections.get(id)!.memories.length))) {
      const query = buildMemoryQuery(part.map((id) => selections.get(id)!), network.settings);
      moved.push(...(await this.move(part, await network.attend(embedding, query, this.deps.signal), embedding, frame.position)));
    }
    for (const id of ids) this.memories.get(id)!.trim(frame.position, direction);
    return this.answer(moved.sort((a, b) => a.id - b.id), maskGridOf(embedding));
  }

  snapshot(): Uint8Array {
    return encodeSam2State({ position: requireStarted(this.frame).position, memories: new Map(this.registry.liveIds().map((id) => [id, this.memories.get(id)!])) });
  }

  async restore(snapshot: Uint8Array, frame: TrackFrame): Promise<void> {
    const { settings, inputSize } = this.deps.network;
    const { position, memories } = decodeSam2State(snapshot, settings, inputSize);
    if (position !== frame.position) throw new RangeError(`the snapshot is of frame ${position}, not ${frame.position}`);
    await this.start(frame);
    for (const [id, memory] of memories) {
      this.registry.add(id);
      this.memories.set(id, memory);
    }
  }

  async dispose(): Promise<void> {
    this.removeObjects(this.registry.liveIds().slice());
    this.frame = undefined;
  }

  /** Remembers masks that were given on the current frame. */
  private async give(ids: readonly number[], rles: ReadonlyMap<number, Rle>, embedding: ImageEmbedding, position: number): Promise<void> {
    const { network, signal } = this.deps;
    const { settings, inputSize } = network;
    const given = ids.map((id) => givenMask(rles.get(id)!, inputSize, settings));
    const found = await network.decodeObjects(embedding, ids.length, null, concatenate(given.map(({ prompt }) => prompt)), signal);
    const logits = given.map((mask) => fillHoles(mask.logits, found.maskSize, settings.fill_hole_area));
    const values = await network.remember(embedding, concatenate(logits), settings.binarize_mask_from_pts_for_mem_enc, ids.map(() => false), signal);
    ids.forEach((id, n) => {
      if (!this.registry.has(id)) {
        this.registry.add(id);
        this.memories.set(id, new ObjectMemory(settings));
      }
      const own = this.memories.get(id)!;
      const isConditioning = !own.tracked.has(position) || settings.add_all_frames_to_correct_as_cond;
      if (settings.clear_non_cond_mem_around_input) own.clearAround(position);
      own.tracked.delete(position);
      const { pointer } = chooseMask(found, n, false, settings);
      const memory = takePart(values, n, ids.length);
      (isConditioning ? own.conditioning : own.tracked).set(position, { memory: packBfloats(memory), pointer });
      this.deps.onRemembered?.({ objectId: id, isConditioning, logits: logits[n]!, objectScore: GIVEN_SCORE, pointer, memory });
    });
  }

  /** Masks from the features of each object; what is found is remembered. */
  private async move(ids: readonly number[], features: Float32Array, embedding: ImageEmbedding, position: number): Promise<MovedObject[]> {
    const { network, signal } = this.deps;
    const { settings } = network;
    const found = await network.decodeObjects(embedding, ids.length, features, null, signal);
    const masks = ids.map((_, n) => chooseMask(found, n, usesMultimask(settings), settings));
    const values = await network.remember(embedding, concatenate(masks.map(({ logits }) => logits)), false, masks.map(({ objectScore }) => objectScore <= 0), signal);
    return ids.map((id, n) => {
      const memory = takePart(values, n, ids.length);
      const mask = { ...masks[n]!, logits: fillHoles(masks[n]!.logits, found.maskSize, settings.fill_hole_area) };
      this.memories.get(id)!.tracked.set(position, { memory: packBfloats(memory), pointer: mask.pointer });
      this.deps.onRemembered?.({ objectId: id, isConditioning: false, logits: mask.logits, objectScore: mask.objectScore, pointer: mask.pointer, memory });
      return { id, mask };
    });
  }

  /** Masks at full resolution. How sure they are: the probability that the object is seen times the predicted IoU. */
  private answer(moved: readonly MovedObject[], grid: MaskGrid): TrackedMask[] {
    const logits = moved.map(({ mask }) => mask.logits);
    const rles = this.deps.network.settings.non_overlap_masks ? masksWithoutOverlap(logits, grid) : logits.map((values) => upsampleToRle(values, grid));
    return moved.map(({ id: objectId, mask: { objectScore, predictedIou } }, i) => {
      const rle = rles[i]!;
      if (objectScore <= 0 || isEmptyRle(rle)) return { objectId, rle: emptyRle(grid.imageWidth, grid.imageHeight), score: 0, present: false };
      return { objectId, rle, score: Math.min(1, Math.max(0, predictedIou)) / (1 + Math.exp(-objectScore)), present: true };
    });
  }
}
