import type { CutieFrame, CutieNetwork } from '../../../contracts/cutie-network';
import { flattenRles } from '../../mask/flatten';
import { isEmptyRle } from '../../mask/rle';
import { requireStarted } from '../current-frame';
import { ObjectRegistry } from '../object-registry';
import { concatenate, takePart } from '../object-parts';
import type { ObjectMask, TrackFrame, TrackedMask, TrackerSession } from '../types';
import { answerOf } from './cutie-answer';
import { CutieMemory, type Bucket } from './cutie-memory';
import { decodeCutieState, encodeCutieState } from './cutie-snapshot';
import { layoutOf, toCutiePicture } from './layout';
import { PendingMasks } from './pending-masks';
import { othersOf, poolToCells, type SoftMasks } from './soft-masks';
import { staggeredTimes } from './stagger';

/** Objects whose masks are encoded in one run, that memory stays bounded. */
const OBJECTS_PER_RUN = 4;

export interface CutieTrackerDeps {
  readonly network: CutieNetwork;
  /** Told of each frame's logits and masks, to compare with another implementation. */
  readonly onFrame?: (frame: { readonly ids: readonly number[]; readonly logits: ReadonlyMap<number, Float32Array>; readonly masks: SoftMasks }) => void;
  /** Told of the memory when a frame is left. */
  readonly onLeave?: (memory: CutieMemory) => void;
  readonly signal?: AbortSignal;
}

/**
 * Follows masks with Cutie's networks and the rules of its inference (inference_core.py, memory_manager.py). All objects of a frame share
 * its pixels: each belongs to one. A frame is remembered when the next one comes, so that objects given on it are remembered with it;
 * upstream is given them in the step itself, and does not segment a frame on which all objects are given anew. Of masks given
 * together that overlap, the smaller one lies on top.
 * Cost per frame: one encoder run, one reading of memory for all objects that came on one frame, one decoder run for each `chunk_size`
 * objects; on every `mem_every`-th frame the mask encoder for each object.
 */
export class CutieTracker implements TrackerSession {
  readonly name = 'memory';
  private readonly registry = new ObjectRegistry();
  private readonly staggered: ReadonlySet<number>;
  private frame: TrackFrame | undefined;
  private encoded: Promise<CutieFrame> | null = null;
  private memory: CutieMemory;
  private pending: PendingMasks | null = null;
  private lastMasks = new Map<number, Float32Array>();
  private time = 0;
  private remembered = 0;

  constructor(private readonly deps: CutieTrackerDeps) {
    const { settings } = deps.network;
    this.memory = new CutieMemory(settings);
    this.staggered = staggeredTimes(settings.mem_every, settings.stagger_updates);
  }

  async start(frame: TrackFrame): Promise<void> {
    this.registry.remove(this.registry.liveIds().slice());
    this.memory = new CutieMemory(this.deps.network.settings);
    this.lastMasks = new Map();
    this.time = 0;
    this.remembered = 0;
    this.moveTo(frame);
  }

  async addObjects(objects: readonly ObjectMask[]): Promise<void> {
    if (objects.length === 0) return;
    requireStarted(this.frame);
    for (const { objectId, rle } of objects) if (isEmptyRle(rle)) throw new RangeError(`object ${objectId} has an empty mask`);
    const given = flattenRles(new Map(objects.map(({ objectId, rle }) => [objectId, rle])));
    for (const id of given.keys()) if (!this.registry.has(id)) this.registry.add(id);
    this.pending!.give(given);
  }

  removeObjects(ids: readonly number[]): void {
    this.registry.remove(ids);
    this.memory.remove(ids);
  }

  async step(frame: TrackFrame): Promise<TrackedMask[]> {
    requireStarted(this.frame);
    await this.remember();
    this.deps.onLeave?.(this.memory);
    this.moveTo(frame);
    this.time++;
    const ids = this.registry.liveIds();
    if (ids.length === 0) return [];
    const encoded = await this.encode();
    const logits = new Map<number, Float32Array>();
    for (const bucket of this.memory.buckets) {
      const affinity = await this.memory.look(bucket, encoded, this.deps.network, this.deps.signal);
      for (const part of inParts(bucket.objects, this.deps.network.settings.chunk_size)) for (const [id, own] of await this.segment(part, bucket, affinity, encoded)) logits.set(id, own);
    }
    const ordered = new Map(ids.map((id) => [id, logits.get(id)!]));
    this.pending = new PendingMasks(this.pending!.layout, ordered);
    const masks = this.pending.soft();
    this.deps.onFrame?.({ ids, logits: ordered, masks });
    return answerOf(ids, masks, this.pending.layout);
  }

  snapshot(): Uint8Array {
    const { position } = requireStarted(this.frame);
    return encodeCutieState({ position, liveIds: this.registry.liveIds(), time: this.time, remembered: this.remembered, pending: this.pending!, lastMasks: this.lastMasks, memory: this.memory });
  }

  async restore(snapshot: Uint8Array, frame: TrackFrame): Promise<void> {
    const { settings } = this.deps.network;
    const state = decodeCutieState(snapshot, settings, layoutOf(frame.image, settings.max_internal_size));
    if (state.position !== frame.position) throw new RangeError(`the snapshot is of frame ${state.position}, not ${frame.position}`);
    await this.start(frame);
    for (const id of state.liveIds) this.registry.add(id);
    this.memory = state.memory;
    this.lastMasks = new Map(state.lastMasks);
    this.pending = state.pending;
    this.time = state.time;
    this.remembered = state.remembered;
  }

  async dispose(): Promise<void> {
    this.removeObjects(this.registry.liveIds().slice());
    this.frame = undefined;
    this.encoded = null;
    this.pending = null;
  }

  private moveTo(frame: TrackFrame): void {
    this.frame = frame;
    this.encoded = null;
    this.pending = new PendingMasks(layoutOf(frame.image, this.deps.network.settings.max_internal_size));
  }

  private encode(): Promise<CutieFrame> {
    return (this.encoded ??= this.deps.network.encodeFrame(toCutiePicture(this.frame!.image, this.pending!.layout), this.deps.signal));
  }

  /** Logits of some objects of one bucket; their sensory memory goes on. */
  private async segment(ids: readonly number[], bucket: Bucket, affinity: Awaited<ReturnType<CutieMemory['look']>>, frame: CutieFrame): Promise<[number, Float32Array][]> {
    const { network, signal } = this.deps;
    const { value_dim } = network.settings;
    const cells = frame.rows * frame.columns;
    const states = ids.map((id) => this.memory.objects.get(id)!);
    const readout = new Float32Array(ids.length * cells * value_dim);
    ids.forEach((id, i) => this.memory.readOut(bucket, id, affinity, readout, i * cells * value_dim));
    const sensory = concatenate(states.map((state) => state.sensory));
    const lastMasks = concatenate(ids.map((id) => this.lastMasks.get(id)!));
    const found = await network.segment(frame, { objects: ids.length, readout, sensory, lastMasks, summaries: concatenate(states.map(({ summaries }) => summaries!)) }, signal);
    if (this.staggered.has(this.time - this.remembered)) {
      const updated = await network.updateSensory(frame, ids.length, found.update, sensory, signal);
      states.forEach((state, i) => (state.sensory = takePart(updated, i, ids.length)));
    }
    return ids.map((id, i) => [id, takePart(found.logits, i, ids.length)]);
  }

  /** What the current frame leaves behind: its masks for the next one, and a memory if its time has come or objects were given. */
  private async remember(): Promise<void> {
    const pending = this.pending!;
    const { ids } = pending;
    if (ids.length === 0) return;
    const { objects } = pending.soft();
    const grid = { rows: pending.layout.height / 16, columns: pending.layout.width / 16 };
    this.lastMasks = new Map(ids.map((id, i) => [id, poolToCells(objects[i]!, grid)]));
    if (pending.given.length === 0 && this.time - this.remembered < this.deps.network.settings.mem_every) return;
    this.remembered = this.time;
    const live = ids.map((id, plane) => ({ id, plane })).filter(({ id }) => this.registry.has(id));
    if (live.length === 0) return;
    const frame = await this.encode();
    const { network, signal } = this.deps;
    const others = othersOf(objects);
    const values = new Map<number, Float32Array>();
    for (const part of inParts(live, OBJECTS_PER_RUN)) {
      const states = part.map(({ id }) => this.stateOf(id, frame));
      const planes = (from: readonly Float32Array[]): Float32Array => concatenate(part.map(({ plane }) => from[plane]!));
      const found = await network.encodeMasks(frame, part.length, concatenate(states.map((state) => state.sensory)), planes(objects), planes(others), signal);
      part.forEach(({ id }, i) => {
        states[i]!.sensory = takePart(found.sensory, i, part.length);
        values.set(id, takePart(found.values, i, part.length));
        this.memory.addSummaries(id, takePart(found.summaries, i, part.length));
      });
    }
    this.memory.add(frame, values);
  }

  private stateOf(id: number, frame: CutieFrame): { sensory: Float32Array } {
    let state = this.memory.objects.get(id);
    if (!state) this.memory.objects.set(id, (state = { sensory: new Float32Array(this.deps.network.settings.sensory_dim * frame.rows * frame.columns), summaries: null }));
    return state;
  }
}

/** Parts of at most so many; all in one for -1. */
function inParts<T>(items: readonly T[], most: number): T[][] {
  if (most < 1) return [items.slice()];
  return Array.from({ length: Math.ceil(items.length / most) }, (_, i) => items.slice(i * most, (i + 1) * most));
}
