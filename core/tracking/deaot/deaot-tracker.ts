import type { DeaotAnswer, DeaotFrame, DeaotNetwork } from '../../../contracts/deaot-network';
import { emptyRle, isEmptyRle } from '../../mask/rle';
import type { Rle } from '../../mask/types';
import { requireStarted } from '../current-frame';
import { Competition, SAME_PLACE_SHARE } from '../memory/competition';
import type { ObjectMask, TrackFrame, TrackedMask, TrackerSession } from '../types';
import { decodeDeaotState, encodeDeaotState } from './deaot-snapshot';
import type { FrameCache } from './frame-cache';
import { IdentityGroup, type GroupFrame } from './identity-group';
import { masksOfLabels, pixelsOf, resizeNearest, type Size } from './label-maps';
import { labelPixels, type SoftLabels } from './soft-labels';
import { readValues, storeValues } from './stored-values';

export interface DeaotTrackerDeps {
  readonly network: DeaotNetwork;
  /** Shared by the sessions of one chunk. */
  readonly frames: FrameCache;
  /** Keeps memories as floats, not in half precision: to compare with another implementation. Such a tracker has no snapshots. */
  readonly isExact?: boolean;
  /** Takes all objects for apart, so that every pixel is one object's at most, as upstream does: to compare with it. */
  readonly isFlat?: boolean;
  /** Told what each group answers and has remembered after every frame, to compare with another implementation. */
  readonly onFrame?: (groups: readonly { readonly group: IdentityGroup; readonly logits: Float32Array }[]) => void;
  readonly signal?: AbortSignal;
}

/**
 * Follows masks with the networks of DeAOT or AOT and the rules of its inference engine (aot_engine.py, deaot_engine.py). Up to `max_obj_num` objects are a
 * group, which is looked for in one run whatever their number; more objects make more groups, brought together by soft aggregation. Three things differ
 * from upstream. The long-term memory has an end (see IdentityGroup). Objects that share a place when the later one is added, part and whole, go into
 * different groups and do not compete (see labelPixels). A removed object gets no pixel any more, and a group without objects is dropped.
 * Cost per frame: one encoder run, and per group one run of propagation and one of identification.
 */
export class DeaotTracker implements TrackerSession {
  readonly name = 'memory';
  private groups: IdentityGroup[] = [];
  private competition = new Competition();
  private frame: TrackFrame | undefined;
  private size: Size = { width: 0, height: 0 };

  constructor(private readonly deps: DeaotTrackerDeps) {}

  async start(frame: TrackFrame): Promise<void> {
    this.groups = [];
    this.competition = new Competition();
    this.frame = frame;
  }

  async addObjects(objects: readonly ObjectMask[]): Promise<void> {
    if (objects.length === 0) return;
    const frame = requireStarted(this.frame);
    for (const { objectId, rle } of objects) {
      if (!Number.isInteger(objectId) || objectId < 1) throw new RangeError(`object ids are positive integers, got ${objectId}`);
      if (isEmptyRle(rle)) throw new RangeError(`object ${objectId} has an empty mask`);
    }
    const encoded = await this.deps.frames.encodedOf(frame);
    this.size = { width: encoded.width, height: encoded.height };
    const labels = new Map(this.groups.map((group) => [group, group.current!.labels.slice()]));
    const given = new Map<IdentityGroup, Set<number>>();
    for (const [objectId, rle] of new Map(objects.map((object) => [object.objectId, object.rle]))) {
      const group = this.draw(objectId, pixelsOf(rle, this.size), labels);
      given.set(group, (given.get(group) ?? new Set()).add(objectId));
    }
    for (const [group, own] of labels) {
      const ids = given.get(group);
      if (ids) await this.refer(group, ids, own, encoded, frame.position);
      else if (own.some((label, i) => label !== group.current!.labels[i])) await this.redraw(group, own);
    }
  }

  removeObjects(ids: readonly number[]): void {
    this.competition.remove(ids);
    for (const group of this.groups) for (const id of ids) group.remove(id);
    this.groups = this.groups.filter((group) => group.liveIds().length > 0);
  }

  async step(frame: TrackFrame): Promise<TrackedMask[]> {
    requireStarted(this.frame);
    this.frame = frame;
    if (this.groups.length === 0) return [];
    const { network, signal } = this.deps;
    const encoded = await this.deps.frames.encodedOf(frame);
    const answers: DeaotAnswer[] = [];
    for (const group of this.groups) answers.push(await network.propagate(encoded, group.longMemory(), group.shortMemory(), signal));
    const { gridWidth: width, gridHeight: height } = answers[0]!;
    const said = this.groups.map(({ ids }, g) => ({ ids, logits: answers[g]!.logits }));
    const found = labelPixels(said, { width, height }, frame.image, network.settings.align_corners, (id) => this.competition.partnersOf(id));
    for (const [g, group] of this.groups.entries()) await this.remember(group, answers[g]!, resizeNearest(found.labels[g]!, frame.image, encoded), encoded, frame.position);
    this.deps.onFrame?.(this.groups.map((group, g) => ({ group, logits: answers[g]!.logits })));
    return this.answer(found, frame.image);
  }

  snapshot(): Uint8Array {
    return encodeDeaotState({ position: requireStarted(this.frame).position, size: this.size, groups: this.groups, competition: this.competition });
  }

  async restore(snapshot: Uint8Array, frame: TrackFrame): Promise<void> {
    const { position, size, groups, competition } = decodeDeaotState(snapshot, this.deps.network.settings);
    if (position !== frame.position) throw new RangeError(`the snapshot is of frame ${position}, not ${frame.position}`);
    await this.start(frame);
    this.groups = groups.slice();
    this.competition = competition;
    this.size = size;
  }

  /** What is remembered, to look at. */
  listGroups(): readonly IdentityGroup[] {
    return this.groups;
  }

  async dispose(): Promise<void> {
    this.groups = [];
    this.frame = undefined;
  }

  /** Puts a given mask into the labels of the current frame, over those of its rivals. Gives the object's group. */
  private draw(id: number, pixels: Int32Array, labels: Map<IdentityGroup, Uint8Array>): IdentityGroup {
    const shared = this.deps.isFlat ? [] : this.partnersAt(id, pixels, labels);
    this.competition.join(id, shared);
    const own = this.groups.find((group) => group.identityOf(id) > 0) ?? this.groupFor(id, labels);
    const identity = own.identityOf(id);
    for (const [group, map] of labels) {
      if (group === own) map.forEach((label, i) => label === identity && (map[i] = 0));
      for (const i of pixels) {
        const other = map[i] === 0 ? 0 : group.ids[map[i]! - 1]!;
        if (group === own) map[i] = identity;
        else if (other !== 0 && !this.competition.partnersOf(id).has(other)) map[i] = 0;
      }
    }
    return own;
  }

  /** The objects of which these pixels are a part, or that are a part of them. */
  private partnersAt(id: number, pixels: Int32Array, labels: ReadonlyMap<IdentityGroup, Uint8Array>): number[] {
    return [...labels].flatMap(([group, map]) => {
      const shared = new Uint32Array(group.ids.length + 1);
      const areas = new Uint32Array(group.ids.length + 1);
      for (const i of pixels) shared[map[i]!]!++;
      for (const label of map) areas[label]!++;
      return group.ids.filter((other, k) => other !== 0 && other !== id && shared[k + 1]! > 0 && shared[k + 1]! >= SAME_PLACE_SHARE * Math.min(pixels.length, areas[k + 1]!));
    });
  }

  /** The first group that has room for an object and none of its partners, or a new one. */
  private groupFor(id: number, labels: Map<IdentityGroup, Uint8Array>): IdentityGroup {
    const partners = this.competition.partnersOf(id);
    let group = this.groups.find((known) => known.hasRoom() && !known.ids.some((other) => partners.has(other)));
    if (!group) {
      this.groups.push((group = new IdentityGroup(this.deps.network.settings)));
      labels.set(group, new Uint8Array(this.size.width * this.size.height));
    }
    group.add(id);
    return group;
  }

  private async refer(group: IdentityGroup, given: ReadonlySet<number>, labels: Uint8Array, encoded: DeaotFrame, position: number): Promise<void> {
    const { kept, identified, pending } = await this.deps.network.refer(encoded, labels, this.deps.signal);
    group.addReference({ ...this.store(group, kept, identified, position), given }, { labels, pending: storeValues(pending, this.isExact) });
  }

  /** A mask of another group took pixels on the current frame. */
  private async redraw(group: IdentityGroup, labels: Uint8Array): Promise<void> {
    const { pending } = group.current!;
    const identified = await this.deps.network.identify(readValues([pending]), labels, this.size, this.deps.signal);
    group.current = { labels, pending };
    group.replaceCurrent(storeValues(identified, this.isExact));
  }

  private async remember(group: IdentityGroup, { kept, pending }: DeaotAnswer, labels: Uint8Array, encoded: DeaotFrame, position: number): Promise<void> {
    const stored = storeValues(pending, this.isExact);
    const identified = await this.deps.network.identify(readValues([stored]), labels, encoded, this.deps.signal);
    group.addTracked(this.store(group, kept, identified, position), { labels, pending: stored });
  }

  private store({ ids }: IdentityGroup, kept: Float32Array, identified: Float32Array, position: number): GroupFrame {
    return { position, ids: ids.slice(), given: new Set(), kept: storeValues(kept, this.isExact), identified: storeValues(identified, this.isExact) };
  }

  private answer({ labels, scores }: SoftLabels, picture: Size): TrackedMask[] {
    const masks = new Map<number, Rle>();
    this.groups.forEach(({ ids }, g) => masksOfLabels(labels[g]!, picture, ids.length).forEach((rle, i) => ids[i] !== 0 && masks.set(ids[i]!, rle)));
    return [...masks]
      .sort(([a], [b]) => a - b)
      .map(([objectId, rle]) => {
        if (!scores.has(objectId)) return { objectId, rle: emptyRle(picture.width, picture.height), score: 0, present: false };
        return { objectId, rle, score: scores.get(objectId)!, present: true };
      });
  }

  private get isExact(): boolean {
    return this.deps.isExact ?? false;
  }
}
