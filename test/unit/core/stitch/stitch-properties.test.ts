import fc from 'fast-check';
import { rleUnion } from '../../../../core/mask/rle-ops';
import type { Rle } from '../../../../core/mask/types';
import { planChunks, type ChunkSpec } from '../../../../core/planning/plan-chunks';
import type { IdentityMap } from '../../../../core/stitch/identity-map';
import { resolveIdentities, type IdentityConstraints } from '../../../../core/stitch/resolve-identities';
import { resolveWithReidentification, type StitchedIdentities } from '../../../../core/stitch/resolve-with-reidentification';
import { matchBorders, requestFor, runsOf, showFrame, shuffled, trackletsOf, trackPerfectly, type SeenTracklet, type Thing, type TrackedChunk } from '../support/tracklet-world';
import { rectangle } from '../support/masks';
import { HEIGHT, WIDTH } from '../support/world';

const FRAMES = 90;
const DIMENSIONS = 8;

interface World {
  readonly things: readonly Thing[];
  readonly cuts: readonly number[];
  readonly specs: readonly ChunkSpec[];
  readonly keys: readonly number[];
}

/** Things in lanes of their own that drift to the right, come and go, and look different from each other. */
const worlds: fc.Arbitrary<World> = fc
  .record({
    lives: fc.array(fc.array(fc.integer({ min: 0, max: FRAMES - 1 }), { minLength: 2, maxLength: 6 }), { minLength: 1, maxLength: 6 }),
    cuts: fc.uniqueArray(fc.integer({ min: 1, max: FRAMES - 1 }), { maxLength: 3 }),
    chunkFrames: fc.integer({ min: 9, max: 50 }),
    overlapShare: fc.double({ min: 0, max: 1, noNaN: true }),
    keys: fc.array(fc.nat(1000), { minLength: 40, maxLength: 40 }),
  })
  .map(({ lives, cuts, chunkFrames, overlapShare, keys }) => {
    const things = lives.map((times, lane): Thing => {
      // Visible between the 1st and 2nd time, the 3rd and 4th, and so on.
      const ends = [...times].sort((a, b) => a - b);
      const isThere = (frame: number): boolean => ends.filter((end) => end <= frame).length % 2 === 1;
      const look = new Float32Array(DIMENSIONS);
      look[lane] = 1;
      return { look, actor: (frame) => (isThere(frame) ? rectangle(WIDTH, HEIGHT, 2 + Math.floor(frame / 6), 8 * lane, 9 + lane, 7) : undefined) };
    });
    const overlapFrames = 1 + Math.floor(overlapShare * (Math.ceil(chunkFrames / 2) - 2));
    return { things, cuts, keys, specs: planChunks({ frameCount: FRAMES, chunkFrames, overlapFrames, sceneCuts: cuts, chainChunks: 1, detectEvery: 8 }) };
  });

function track({ things, cuts, specs, keys }: World, order = keys): TrackedChunk[] {
  return specs.map((spec) => trackPerfectly(spec, things, cuts, order.slice(spec.index)));
}

function stitch(chunks: readonly TrackedChunk[], cuts: readonly number[], reidentify: boolean): StitchedIdentities {
  return resolveWithReidentification(chunks.map(trackletsOf), matchBorders(chunks), requestFor(chunks, cuts, reidentify));
}

/** "frame: thing=id, thing=id" of every frame on which something is shown. */
function shownThings(chunks: readonly TrackedChunk[], map: IdentityMap): string[] {
  return Array.from({ length: FRAMES }, (_, frame) => {
    const shown = showFrame(frame, chunks, map).map(({ chunkIndex, localId, globalId }) => [chunks[chunkIndex]!.tracklets.find((one) => one.localId === localId)!.thing, globalId] as const);
    return `${frame}: ${shown.sort((a, b) => a[0] - b[0]).map(([thing, id]) => `${thing}=${id}`).join(', ')}`;
  });
}

/** What must be seen: each run of a thing, or each thing, under one ID of its own, numbered by first frame, then size. */
function expected({ things, cuts }: World, isOneThing: boolean): string[] {
  const runs = things.flatMap(({ actor }, thing) => runsOf(actor, 0, FRAMES, cuts).map(([first, last]) => ({ thing, first, last })));
  const ordered = runs.sort((a, b) => a.first - b.first || b.thing - a.thing);
  const ids = new Map<string, number>();
  const nameOf = ({ thing, first }: (typeof runs)[number]): string => (isOneThing ? `${thing}` : `${thing} from ${first}`);
  for (const run of ordered) if (!ids.has(nameOf(run))) ids.set(nameOf(run), ids.size + 1);
  return Array.from({ length: FRAMES }, (_, frame) => {
    const there = runs.filter(({ first, last }) => frame >= first && frame <= last).sort((a, b) => a.thing - b.thing);
    return `${frame}: ${there.map((run) => `${run.thing}=${ids.get(nameOf(run))}`).join(', ')}`;
  });
}

describe('a clean world, however it is cut into chunks', () => {
  it('gives every run of every thing one ID from end to end, and none across a scene cut', () => {
    fc.assert(fc.property(worlds, (world) => {
      const chunks = track(world);
      expect(shownThings(chunks, stitch(chunks, world.cuts, false))).toEqual(expected(world, false));
    }), { numRuns: 25 });
  });

  it('with re-identification gives every thing one ID, over gaps and scene cuts', () => {
    fc.assert(fc.property(worlds, (world) => {
      const chunks = track(world);
      expect(shownThings(chunks, stitch(chunks, world.cuts, true))).toEqual(expected(world, true));
    }), { numRuns: 25 });
  });

  it('gives what one chunk gives: chunking costs nothing', () => {
    fc.assert(fc.property(worlds, fc.boolean(), (world, reidentify) => {
      const chunks = track(world);
      const whole = track({ ...world, specs: planChunks({ frameCount: FRAMES, chunkFrames: FRAMES, overlapFrames: 1, sceneCuts: [], chainChunks: 1, detectEvery: 8 }) });
      expect(whole).toHaveLength(1);
      expect(shownThings(chunks, stitch(chunks, world.cuts, reidentify))).toEqual(shownThings(whole, stitch(whole, world.cuts, reidentify)));
    }), { numRuns: 25 });
  });

  it('never takes overlaps as evidence across a scene cut', () => {
    fc.assert(fc.property(worlds, (world) => {
      const chunks = track(world);
      const sceneOf = (frame: number): number => world.cuts.filter((cut) => cut <= frame).length;
      const { joins } = stitch(chunks, world.cuts, true);
      const scenes = joins.map(({ boundary, left, right }) => [[boundary, left], [boundary + 1, right]].map(([chunk, localId]) => sceneOf([...chunks[chunk!]!.tracklets.find((one) => one.localId === localId)!.masks.keys()][0]!)));
      expect(scenes.filter(([a, b]) => a !== b)).toEqual([]);
      // Where the border is a cut, nothing is shared and nothing compared.
      const cutBorders = chunks.filter(({ spec }) => spec.index > 0 && spec.startFrame === spec.ownedStart).map(({ spec }) => spec.index - 1);
      expect(joins.filter(({ boundary }) => cutBorders.includes(boundary))).toEqual([]);
    }), { numRuns: 25 });
  });
});

/** What goes wrong with a tracklet: nothing, lost, cut in two, shifted, fused with the next one; and three looks for all. */
const damage = fc.record({
  kinds: fc.array(fc.constantFrom('none', 'none', 'lost', 'cut', 'shift', 'fuse'), { minLength: 30, maxLength: 30 }),
  amounts: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 30, maxLength: 30 }),
  given: fc.integer({ min: 0, max: 3 }),
});

function spoil(chunks: readonly TrackedChunk[], { kinds, amounts, given }: { kinds: readonly string[]; amounts: readonly number[]; given: number }): TrackedChunk[] {
  let n = 0;
  return chunks.map(({ spec, tracklets }): TrackedChunk => {
    const kept: Omit<SeenTracklet, 'localId'>[] = [];
    for (let i = 0; i < tracklets.length; i++, n++) {
      const { masks, thing } = tracklets[i]!;
      const amount = amounts[n % amounts.length]!;
      const look = Float32Array.from([0, 1, 2], (k) => (k === amount % 3 ? 0.96 : 0.2));
      const frames = [...masks.keys()];
      const part = (from: number, to: number): void => void (to > from && kept.push({ thing, look, masks: new Map([...masks].slice(from, to)) }));
      const kind = kinds[n % kinds.length]!;
      if (kind === 'none') part(0, frames.length);
      else if (kind === 'cut') {
        part(0, Math.min(amount, frames.length));
        part(amount + (amount % 2), frames.length);
      } else if (kind === 'shift') kept.push({ thing, look, masks: new Map(frames.map((frame) => [frame, rectangle(WIDTH, HEIGHT, amount, 8 * thing, 9, 7)])) });
      else if (kind === 'fuse') kept.push({ thing, look, masks: fuse(masks, tracklets[i + 1]?.masks ?? new Map()) });
    }
    return { spec, tracklets: kept.map((one, i) => ({ ...one, localId: i + 1, ...(spec.index === 0 && i < given && { givenId: 10 * (i + 1) }) })) };
  });
}

function fuse(a: ReadonlyMap<number, Rle>, b: ReadonlyMap<number, Rle>): Map<number, Rle> {
  return new Map([...a].map(([frame, mask]) => [frame, b.has(frame) ? rleUnion(mask, b.get(frame)!) : mask]));
}

describe('a world with lost, cut, shifted and fused tracklets', () => {
  it('gives the same bytes for any order of chunks, tracklets, borders and pairs, and for a border matched again', () => {
    fc.assert(fc.property(worlds, damage, fc.boolean(), (world, faults, reidentify) => {
      const chunks = spoil(track(world), faults);
      const request = requestFor(chunks, world.cuts, reidentify);
      const plain = resolveWithReidentification(chunks.map(trackletsOf), matchBorders(chunks), request);
      const again = matchBorders(chunks.map(({ spec, tracklets }) => ({ spec, tracklets: shuffled(tracklets, world.keys) })));
      const mixed = resolveWithReidentification(
        shuffled(chunks.map(trackletsOf), world.keys).map((chunk) => ({ ...chunk, tracklets: shuffled(chunk.tracklets, world.keys) })),
        shuffled(again, world.keys).map((border) => ({ ...border, pairs: shuffled(border.pairs, world.keys) })),
        request,
      );
      expect(JSON.stringify(mixed)).toBe(JSON.stringify(plain));
    }), { numRuns: 40 });
  });

  /** Links and bans between tracklets picked at random: most of them ask for what must not be. */
  const wishes = fc.record({
    links: fc.array(fc.tuple(fc.nat(), fc.nat(), fc.constantFrom(-0.5, 0.4, 0.9, Infinity)), { maxLength: 12 }),
    bans: fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 6 }),
  });

  it('never puts two things of one moment under one ID, whatever is linked, keeps given IDs, and numbers the others by first appearance', () => {
    fc.assert(fc.property(worlds, damage, fc.boolean(), wishes, (world, faults, reidentify, { links, bans }) => {
      const chunks = spoil(track(world), faults);
      const keys = chunks.flatMap(({ spec, tracklets }) => tracklets.map(({ localId }) => ({ chunkIndex: spec.index, localId })));
      const pick = (n: number) => keys[n % keys.length]!;
      const constraints: IdentityConstraints = {
        links: keys.length === 0 ? [] : links.map(([a, b, score]) => ({ a: pick(a), b: pick(b), score })),
        cannotLinks: keys.length === 0 ? [] : bans.filter(([a, b]) => pick(a) !== pick(b)).map(([a, b]) => [pick(a), pick(b)] as const),
      };
      const map = resolveWithReidentification(chunks.map(trackletsOf), matchBorders(chunks), requestFor(chunks, world.cuts, reidentify), constraints);
      const idOf = new Map(map.objects.flatMap(({ globalId, tracklets }) => tracklets.map((t) => [`${t.chunkIndex}/${t.localId}`, globalId] as const)));
      expect(constraints.cannotLinks.filter(([a, b]) => idOf.has(`${a.chunkIndex}/${a.localId}`) && idOf.get(`${a.chunkIndex}/${a.localId}`) === idOf.get(`${b.chunkIndex}/${b.localId}`))).toEqual([]);
      const firstSeen = new Map<number, number>();
      // showFrame throws where two masks claim one ID.
      for (let frame = 0; frame < FRAMES; frame++) for (const { globalId } of showFrame(frame, chunks, map)) if (!firstSeen.has(globalId)) firstSeen.set(globalId, frame);

      const joined = new Set(map.joins.filter(({ decision }) => decision === 'joined').map(({ boundary, left, right }) => `${boundary}/${left} ${boundary + 1}/${right}`));
      const spanOf = ({ chunkIndex, localId }: { chunkIndex: number; localId: number }): number[] => [...chunks[chunkIndex]!.tracklets.find((one) => one.localId === localId)!.masks.keys()];
      const faultsFound: string[] = [];
      for (const { globalId, tracklets } of map.objects)
        tracklets.forEach((a, i) => tracklets.slice(i + 1).forEach((b) => {
          const [p, q] = [spanOf(a), spanOf(b)];
          const isShared = p[0]! <= q.at(-1)! && q[0]! <= p.at(-1)!;
          const pair = `${a.chunkIndex}/${a.localId} ${b.chunkIndex}/${b.localId}`;
          if (isShared && !joined.has(pair)) faultsFound.push(`object ${globalId}: ${pair}`);
        }));
      expect(faultsFound).toEqual([]);

      const given = chunks[0]!.tracklets.filter(({ givenId }) => givenId !== undefined).map(({ localId, givenId }) => ({ localId, givenId }));
      expect(map.objects.flatMap(({ globalId, tracklets }) => given.filter(({ localId }) => tracklets.some((t) => t.chunkIndex === 0 && t.localId === localId)).map(({ givenId }) => [givenId, globalId])).filter(([a, b]) => a !== b)).toEqual([]);
      const givenIds = new Set(given.map(({ givenId }) => givenId!));
      const others = map.objects.map(({ globalId }) => globalId).filter((id) => !givenIds.has(id));
      const highest = Math.max(0, ...map.objects.map(({ globalId }) => globalId).filter((id) => givenIds.has(id)));
      expect(others).toEqual(others.map((_, i) => highest + 1 + i));
      const appearances = others.map((id) => firstSeen.get(id)!);
      expect(appearances).toEqual([...appearances].sort((a, b) => a - b));
    }), { numRuns: 40 });
  });

  it('re-identification undoes no join of the overlaps, and what it joins was apart', () => {
    let made = 0;
    fc.assert(fc.property(worlds, damage, (world, faults) => {
      const chunks = spoil(track(world), faults);
      const plain = resolveIdentities(chunks.map(trackletsOf), matchBorders(chunks));
      const linked = stitch(chunks, world.cuts, true);
      expect(linked.joins.map(({ decision }) => decision)).toEqual(plain.joins.map(({ decision }) => decision));
      const linkedId = new Map(linked.objects.flatMap(({ globalId, tracklets }) => tracklets.map((t) => [`${t.chunkIndex}/${t.localId}`, globalId] as const)));
      for (const { tracklets } of plain.objects) expect(new Set(tracklets.map((t) => linkedId.get(`${t.chunkIndex}/${t.localId}`))).size).toBe(1);
      const joined = linked.reidentifications.filter(({ decision }) => decision === 'joined');
      made += joined.length;
      expect(linked.objects.length).toBe(plain.objects.length - joined.length);
      for (const { lastFrame, firstFrame } of joined) expect(firstFrame).toBeGreaterThan(lastFrame);
    }), { numRuns: 60, seed: 5 });
    expect(made).toBeGreaterThan(20);
  });
});
