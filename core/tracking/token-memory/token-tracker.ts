import type { TokenFrame, TokenNetwork } from '../../../contracts/token-network';
import { flattenRles } from '../../mask/flatten';
import { isEmptyRle } from '../../mask/rle';
import { requireStarted } from '../current-frame';
import { ObjectRegistry } from '../object-registry';
import { concatenate, takePart } from '../object-parts';
import type { ObjectMask, TrackFrame, TrackedMask, TrackerSession } from '../types';
import { answerOf } from './answer';
import { layoutOf, toPaddedPicture, type PaddingRules } from './padded-layout';
import { PendingMasks } from './pending-masks';
import { othersOf, type LogitsToMasks, type SoftMasks } from './soft-masks';
import type { TokenMemory } from './token-memory';
import { decodeTokenState, encodeTokenState, type StateCodec } from './token-state';

/** Objects whose masks are encoded in one run, that memory stays bounded. */
const OBJECTS_PER_RUN = 4;

export interface TokenTrackerDeps<Network, Memory> {
  readonly network: Network;
  /** Told of each frame's logits and masks, to compare with another implementation. */
  readonly onFrame?: (frame: { readonly ids: readonly number[]; readonly logits: ReadonlyMap<number, Float32Array>; readonly masks: SoftMasks }) => void;
  /** Told of the memory when a frame is left. */
  readonly onLeave?: (memory: Memory) => void;
  readonly signal?: AbortSignal;
}

/** In what XMem and Cutie differ, besides what their networks are asked. */
export interface TokenTrackerRules<ObjectState, Memory, Own> {
  readonly emptyMemory: () => Memory;
  /** What is carried on besides memory and masks. */
  readonly ownAtStart: () => Own;
  readonly padding: PaddingRules;
  readonly masksOfLogits: LogitsToMasks;
  /** A frame is remembered when so many have passed since the last one. */
  readonly memEvery: number;
  /** Objects whose masks are found in one run; -1 is all that came on one frame. */
  readonly objectsPerRun: number;
  readonly codec: StateCodec<ObjectState, Own>;
}

/** The masks of a frame that is left, by the order of the IDs: [height, width], 0..1. */
export interface LeftFrame {
  readonly ids: readonly number[];
  readonly masks: readonly Float32Array[];
  readonly rows: number;
  readonly columns: number;
  /** Whether it is remembered. */
  readonly isKept: boolean;
}

/** Masks of some objects of a frame, to be remembered with it. */
export interface EncodedMasks<Frame> {
  readonly frame: Frame;
  readonly ids: readonly number[];
  /** [objects, height, width], 0..1: each one's own, and what the others cover. */
  readonly masks: Float32Array;
  readonly others: Float32Array;
}

/**
 * Follows masks by remembered tokens, as XMem and Cutie do (inference_core.py). All objects of a frame share its pixels: each belongs to
 * one. A frame is remembered when the next one comes, so that objects given on it are remembered with it; upstream is given them in the
 * step itself, and does not segment a frame on which all objects are given anew. Of masks given together that overlap, the smaller one
 * lies on top.
 */
export abstract class TokenTracker<Frame extends TokenFrame, Network extends TokenNetwork<Frame>, ObjectState, Memory extends TokenMemory<ObjectState>, Own> implements TrackerSession {
  readonly name = 'memory';
  protected memory: Memory;
  protected own: Own;
  /** Steps since the start. */
  protected time = 0;
  /** The one that was remembered last. */
  protected remembered = 0;
  private readonly registry = new ObjectRegistry();
  private frame: TrackFrame | undefined;
  private encoded: Promise<Frame> | null = null;
  private pending: PendingMasks | null = null;

  protected constructor(
    protected readonly deps: TokenTrackerDeps<Network, Memory>,
    private readonly rules: TokenTrackerRules<ObjectState, Memory, Own>,
  ) {
    this.memory = rules.emptyMemory();
    this.own = rules.ownAtStart();
  }

  /** Logits [objects, 16 * cells] of some objects of one bucket, by what was read for them: [objects, cells, value_dim]. */
  protected abstract segment(frame: Frame, states: readonly ObjectState[], ids: readonly number[], readout: Float32Array): Promise<Float32Array>;

  /** What a frame leaves to the next one besides its memory. */
  protected abstract leave(left: LeftFrame): void;

  /** Values [objects, cells, value_dim] to remember of some objects. */
  protected abstract encodeMasks(encoded: EncodedMasks<Frame>, states: readonly ObjectState[]): Promise<Float32Array>;

  /** Of an object that was never remembered. */
  protected abstract newState(cells: number): ObjectState;

  async start(frame: TrackFrame): Promise<void> {
    this.registry.remove(this.registry.liveIds().slice());
    this.memory = this.rules.emptyMemory();
    this.own = this.rules.ownAtStart();
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
    const logits = await this.find(encoded);
    const ordered = new Map(ids.map((id) => [id, logits.get(id)!]));
    this.pending = new PendingMasks(this.pending!.layout, this.rules.masksOfLogits, ordered);
    const masks = this.pending.soft();
    this.deps.onFrame?.({ ids, logits: ordered, masks });
    return answerOf(ids, masks, this.pending.layout);
  }

  snapshot(): Uint8Array {
    const { position } = requireStarted(this.frame);
    const { time, remembered, own, memory } = this;
    return encodeTokenState(this.rules.codec, { position, liveIds: this.registry.liveIds(), time, remembered, pending: this.pending!, own, memory });
  }

  async restore(snapshot: Uint8Array, frame: TrackFrame): Promise<void> {
    const { codec, padding, masksOfLogits, emptyMemory } = this.rules;
    const state = decodeTokenState(codec, snapshot, emptyMemory(), layoutOf(frame.image, padding), masksOfLogits);
    if (state.position !== frame.position) throw new RangeError(`the snapshot is of frame ${state.position}, not ${frame.position}`);
    await this.start(frame);
    for (const id of state.liveIds) this.registry.add(id);
    this.memory = state.memory;
    this.own = state.own;
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
    this.pending = new PendingMasks(layoutOf(frame.image, this.rules.padding), this.rules.masksOfLogits);
  }

  private encode(): Promise<Frame> {
    return (this.encoded ??= this.deps.network.encodeFrame(toPaddedPicture(this.frame!.image, this.pending!.layout), this.deps.signal));
  }

  /** Logits of all objects that are followed. */
  private async find(frame: Frame): Promise<Map<number, Float32Array>> {
    const { memory, deps, rules } = this;
    const size = frame.rows * frame.columns * memory.rules.valueDim;
    const logits = new Map<number, Float32Array>();
    for (const bucket of memory.buckets) {
      const affinity = await memory.look(bucket, frame, deps.network, deps.signal);
      for (const part of inParts(bucket.objects, rules.objectsPerRun)) {
        const readout = new Float32Array(part.length * size);
        part.forEach((id, i) => memory.readOut(bucket, id, affinity, readout, i * size));
        const found = await this.segment(frame, part.map((id) => memory.objects.get(id)!), part, readout);
        part.forEach((id, i) => logits.set(id, takePart(found, i, part.length)));
      }
    }
    return logits;
  }

  /** What the current frame leaves behind, which is a memory if its time has come or objects were given. */
  private async remember(): Promise<void> {
    const pending = this.pending!;
    const { ids } = pending;
    if (ids.length === 0) return;
    const { objects } = pending.soft();
    const isKept = pending.given.length > 0 || this.time - this.remembered >= this.rules.memEvery;
    this.leave({ ids, masks: objects, rows: pending.layout.height / 16, columns: pending.layout.width / 16, isKept });
    if (!isKept) return;
    this.remembered = this.time;
    const live = ids.map((id, plane) => ({ id, plane })).filter(({ id }) => this.registry.has(id));
    if (live.length === 0) return;
    const frame = await this.encode();
    const others = othersOf(objects);
    const values = new Map<number, Float32Array>();
    for (const part of inParts(live, OBJECTS_PER_RUN)) {
      const planes = (from: readonly Float32Array[]): Float32Array => concatenate(part.map(({ plane }) => from[plane]!));
      const states = part.map(({ id }) => this.stateOf(id, frame.rows * frame.columns));
      const found = await this.encodeMasks({ frame, ids: part.map(({ id }) => id), masks: planes(objects), others: planes(others) }, states);
      part.forEach(({ id }, i) => values.set(id, takePart(found, i, part.length)));
    }
    this.memory.add(frame, values);
  }

  private stateOf(id: number, cells: number): ObjectState {
    let state = this.memory.objects.get(id);
    if (!state) this.memory.objects.set(id, (state = this.newState(cells)));
    return state;
  }
}

/** Parts of at most so many; all in one for -1. */
function inParts<T>(items: readonly T[], most: number): T[][] {
  if (most < 1) return [items.slice()];
  return Array.from({ length: Math.ceil(items.length / most) }, (_, i) => items.slice(i * most, (i + 1) * most));
}
