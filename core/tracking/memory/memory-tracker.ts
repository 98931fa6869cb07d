import type { MemoryNetwork, QueryFrame } from '../../../contracts/memory-network';
import type { ImageEmbedding } from '../../../contracts/segmenter';
import { emptyRle, isEmptyRle } from '../../mask/rle';
import { requireStarted } from '../current-frame';
import { cleanRegions } from '../clean-regions';
import { maskGridOf, rleToCoverage, upsampleToRle, type MaskGrid } from '../mask-grid';
import { ObjectRegistry } from '../object-registry';
import type { ObjectMask, TrackFrame, TrackedMask, TrackerSession } from '../types';
import { FULL_BANK, type BankLimits } from './bank-schedule';
import { Competition } from './competition';
import { roundToHalfs, unpackHalfs } from '../float16';
import { IdentityWatch } from './identity-watch';
import { rememberedKey, type KeyCache } from './key-cache';
import { MemoryBank } from './memory-bank';
import { buildQuery, gatherKeys, splitObjects, ValueSpace } from './memory-query';
import { decodeMemoryState, encodeMemoryState } from './memory-snapshot';
import { rememberObjects } from './remember';
import type { MaskSharpener } from './sharpen';
import { aggregateLogits, meanConfidence, poolProbabilities } from './soft-aggregation';

export interface MemoryTrackerDeps {
  readonly network: MemoryNetwork;
  /** Shared by the sessions of one chunk. */
  readonly keys: KeyCache;
  /** Redraws masks with finer borders, which are shown and remembered; absent leaves them as the network draws them. */
  readonly sharpen?: MaskSharpener;
  /** What is remembered at most; absent is FULL_BANK. */
  readonly limits?: BankLimits;
  /** Shows masks as the network draws them, specks and pinholes included; to compare with another implementation. */
  readonly isRaw?: boolean;
  /** Told on every frame when the network has answered, for so many objects. */
  readonly onComputing?: (objects: number) => void;
  readonly signal?: AbortSignal;
}

/** An object's mask on the current frame: logits on the stride-4 grid against its competitors. */
interface FoundMask {
  readonly id: number;
  readonly logits: Float32Array;
  /** Its probabilities on the stride-8 grid, where they are known already. */
  readonly cells?: Float32Array;
}

/** What the network says of one object, for itself. */
interface ReadMask extends FoundMask {
  /** See MemoryAnswer; absent where nothing is to be compared with. */
  readonly likeness?: Float32Array;
}

/** Memory frames that are newer than those that likeness compares with. */
const NEWER_THAN_ELDER = 3;
/** Elder frames that know an object from which on it can be lost: a single one shows it from one side only. */
const ELDER_TO_COMPARE = 2;
/** Logit where an object is known not to be. */
const NOT_THERE = -16;

/**
 * Follows masks with a memory network: every cell of the new frame looks up where in the remembered frames it has been, and each
 * object's mask comes from what those places knew of it. One look-up serves all objects; objects that began apart compete for
 * pixels, nested ones do not. An object that is not visible keeps its memories, and comes back when they are met again; one whose
 * mask has gone over to something else is taken for hidden, and what it went over to is not remembered (see IdentityWatch).
 * Cost per frame: one encoder run, one key, one read for all objects (in parts when there are very many), one value per object.
 */
export class MemoryTracker implements TrackerSession {
  readonly name = 'memory';
  private readonly registry = new ObjectRegistry();
  private competition = new Competition();
  private bank: MemoryBank;
  private watch = new IdentityWatch();
  private readonly space = new ValueSpace();
  private frame: TrackFrame | undefined;
  /** Frames since the start. */
  private index = 0;

  constructor(private readonly deps: MemoryTrackerDeps) {
    this.bank = this.emptyBank();
  }

  async start(frame: TrackFrame): Promise<void> {
    this.registry.remove(this.registry.liveIds());
    this.competition = new Competition();
    this.bank = this.emptyBank();
    this.watch = new IdentityWatch();
    this.index = 0;
    this.frame = frame;
  }

  async addObjects(objects: readonly ObjectMask[]): Promise<void> {
    if (objects.length === 0) return;
    await this.give(objects, (id, mask, masks) => this.competition.add(id, mask, masks));
  }

  removeObjects(ids: readonly number[]): void {
    this.registry.remove(ids);
    this.competition.remove(ids);
    this.bank.remove(ids);
    this.watch.forget(ids);
  }

  succeed(from: number, to: number): void {
    this.bank.succeed(from, to);
    this.competition.succeed(from, to);
    this.watch.succeed(from, to);
    this.registry.remove([from]);
  }

  exchange(a: number, b: number): void {
    this.bank.exchange(a, b);
    this.competition.exchange(a, b);
    this.watch.exchange(a, b);
  }

  async amend(objects: readonly ObjectMask[], since: number): Promise<void> {
    const index = this.index - (requireStarted(this.frame).position - since);
    for (const { objectId } of objects) this.bank.forgetSince(objectId, index);
    await this.give(objects, (id, mask, masks) => this.competition.redecide(id, mask, masks));
  }

  async step(frame: TrackFrame): Promise<TrackedMask[]> {
    requireStarted(this.frame);
    this.frame = frame;
    this.index++;
    const ids = this.registry.liveIds();
    if (ids.length === 0) return [];
    const query = await this.deps.keys.keyOf(frame);
    const embedding = await frame.embedding();
    const grid = gridOf(embedding, 4, 2 * query.columns, 2 * query.rows);
    const read = await this.readAll(ids, query);
    this.deps.onComputing?.(read.length);
    const found = this.competeWatched(read, query);
    const drawn = await this.sharpen(found, embedding, grid);
    const masks = new Map<number, Float32Array>(ids.map((id) => [id, new Float32Array(query.columns * query.rows)]));
    for (const { id, logits, cells } of drawn) masks.set(id, roundToHalfs(cells ?? poolProbabilities(logits, query.columns, query.rows)));
    const known = ids.filter((id) => !this.watch.isLost(id));
    const objects = await rememberObjects(known, false, query, masks, this.competition, this.deps.network, this.deps.signal);
    this.bank.addTracked({ index: this.index, key: rememberedKey(query), objects });
    return this.answer(ids, found, drawn, grid);
  }

  snapshot(): Uint8Array {
    return encodeMemoryState({ ids: this.registry.liveIds(), index: this.index, competition: this.competition, bank: this.bank, watch: this.watch });
  }

  async restore(snapshot: Uint8Array, frame: TrackFrame): Promise<void> {
    const state = await decodeMemoryState(snapshot, this.deps.network, this.deps.limits ?? FULL_BANK, this.deps.signal);
    await this.start(frame);
    for (const id of state.ids) this.registry.add(id);
    this.competition = state.competition;
    this.bank = state.bank;
    this.watch = state.watch;
    this.index = state.index;
  }

  async dispose(): Promise<void> {
    this.removeObjects(this.registry.liveIds().slice());
    this.frame = undefined;
  }

  /** Takes in masks on the current frame; `decide` says with whom each competes, where all masks are known. */
  private async give(objects: readonly ObjectMask[], decide: (id: number, mask: Float32Array, masks: ReadonlyMap<number, Float32Array>) => void): Promise<void> {
    const frame = requireStarted(this.frame);
    for (const { objectId, rle } of objects) if (isEmptyRle(rle)) throw new RangeError(`object ${objectId} has an empty mask`);
    const key = rememberedKey(await this.deps.keys.keyOf(frame));
    const grid = gridOf(await frame.embedding(), 8, key.columns, key.rows);
    const masks = this.masksNow();
    for (const { objectId, rle } of objects) masks.set(objectId, roundToHalfs(Float32Array.from(rleToCoverage(rle, grid))));
    for (const { objectId } of objects) {
      if (!this.registry.has(objectId)) this.registry.add(objectId);
      decide(objectId, masks.get(objectId)!, masks);
    }
    const ids = [...new Set(objects.map(({ objectId }) => objectId))];
    this.watch.forget(ids);
    this.bank.addGiven(this.index, key, await rememberObjects(ids, true, key, masks, this.competition, this.deps.network, this.deps.signal));
  }

  private emptyBank(): MemoryBank {
    return new MemoryBank(undefined, undefined, this.deps.limits);
  }

  /** What the current frame knows of each object's place. */
  private masksNow(): Map<number, Float32Array> {
    const objects = this.bank.frame(this.index)?.objects ?? new Map<number, never>();
    return new Map([...objects].map(([id, { mask }]) => [id, unpackHalfs(mask)]));
  }

  /** Each visible object's logits, for itself. An object that no frame remembers any more is not visible. */
  private async readAll(ids: readonly number[], query: QueryFrame): Promise<ReadMask[]> {
    const { network, signal } = this.deps;
    const frames = this.bank.frames();
    const keys = gatherKeys(frames);
    const before = this.bank.frame(this.index - 1);
    const found: ReadMask[] = [];
    const remembered = ids.filter((id) => frames.some(({ objects }) => objects.has(id)));
    const elder = frames.slice(0, -NEWER_THAN_ELDER);
    const watched = new Set(ids.filter((id) => elder.filter(({ objects }) => objects.has(id)).length >= (this.watch.isLost(id) ? 1 : ELDER_TO_COMPARE)));
    const perObject = 4 * query.columns * query.rows;
    if (remembered.length === 0) return found;
    for (const part of splitObjects(remembered, frames.length, query.columns * query.rows, network.sizes)) {
      const { logits, presence, likeness } = await network.read(buildQuery(query, frames, keys, part, (id) => before?.objects.get(id)?.mask, network.sizes, this.space), signal);
      part.forEach((id, n) => {
        if (presence[n]! < 0) return;
        const own = watched.has(id) ? likeness?.subarray((n * perObject) / 2, ((n + 1) * perObject) / 2) : undefined;
        found.push({ id, logits: logits.subarray(n * perObject, (n + 1) * perObject), ...(own ? { likeness: own } : {}) });
      });
    }
    return found;
  }

  /** Competition among the masks that are still their objects; the others give their pixels up. */
  private competeWatched(read: readonly ReadMask[], { columns, rows }: QueryFrame): FoundMask[] {
    const odds = new Map<Float32Array, Float32Array>();
    const found = this.compete(read, odds).map((mask, i): FoundMask => (read[i]!.likeness ? { ...mask, cells: poolProbabilities(mask.logits, columns, rows) } : mask));
    const kept = read.flatMap((own, i): FoundMask[] => {
      const { cells } = found[i]!;
      if (!own.likeness || !cells) return [own];
      const wasLost = this.watch.isLost(own.id);
      const verdict = this.watch.judge(own.id, cells, own.likeness, columns);
      if (verdict.kind === 'whole') return [own];
      if (verdict.kind === 'part') return [{ id: own.id, logits: cutLogits(own.logits, verdict.cells, columns) }];
      if (verdict.kind === 'lost' && !wasLost) this.bank.forgetRecent(own.id);
      return [];
    });
    return kept.every((mask, i) => mask === read[i]) && kept.length === read.length ? found : this.compete(kept, odds);
  }

  private compete(found: readonly FoundMask[], odds: Map<Float32Array, Float32Array>): FoundMask[] {
    const places = new Map(found.map(({ id }, i) => [id, i]));
    const partners = found.map(({ id }) => [...this.competition.partnersOf(id)].flatMap((other) => places.get(other) ?? []));
    const logits = aggregateLogits(found.map((mask) => mask.logits), partners, odds);
    return found.map(({ id }, i) => ({ id, logits: logits[i]! }));
  }

  private async sharpen(found: readonly FoundMask[], embedding: ImageEmbedding, grid: MaskGrid): Promise<FoundMask[]> {
    if (!this.deps.sharpen) return found.slice();
    const logits = await this.deps.sharpen(found.map((mask) => mask.logits), embedding, grid);
    return found.map((mask, i) => (logits[i] === mask.logits ? mask : { id: mask.id, logits: logits[i]! }));
  }

  /** Masks at full resolution; how sure they are is said by the memory network, also of those that were redrawn. */
  private answer(ids: readonly number[], found: readonly FoundMask[], drawn: readonly FoundMask[], grid: MaskGrid): TrackedMask[] {
    const scores = new Map(found.map(({ id, logits }) => [id, meanConfidence(logits)]));
    const rles = new Map(drawn.map(({ id, logits }) => [id, upsampleToRle(this.deps.isRaw ? logits : cleanRegions(logits, grid), grid)]));
    return ids.map((objectId) => {
      const rle = rles.get(objectId);
      if (!rle || isEmptyRle(rle)) return { objectId, rle: emptyRle(grid.imageWidth, grid.imageHeight), score: 0, present: false };
      return { objectId, rle, score: scores.get(objectId)!, present: true };
    });
  }
}

/** Logits of stride 4 outside these cells of stride 8 are set to no. */
function cutLogits(logits: Float32Array, cells: Uint8Array, columns: number): Float32Array {
  return logits.map((logit, i) => {
    const [x, y] = [i % (2 * columns), Math.floor(i / (2 * columns))];
    return cells[(y >> 1) * columns + (x >> 1)] ? logit : NOT_THERE;
  });
}

/** The picture in cells of `stride` input pixels, in as many columns and rows as the network has (the last may be padding). */
function gridOf(embedding: ImageEmbedding, stride: number, columns: number, rows: number): MaskGrid {
  return { ...maskGridOf(embedding, embedding.inputSize / stride), width: columns, height: rows };
}
