import fc from 'fast-check';
import { planChunks } from '../../../../core/planning/plan-chunks';
import { matchOverlap } from '../../../../core/stitch/match-overlap';
import { resolveIdentities, type ChunkTracklets, type IdentityConstraints } from '../../../../core/stitch/resolve-identities';
import { selectMasksForFrame } from '../../../../core/stitch/select-masks';
import { matchAll, names, scenes, shuffled } from '../support/stitching';
import { chunkAt, masksAt, moving, OPTIONS, sideOf, trackletsOf, type Actor, type SeenChunk } from '../support/world';

const a = moving([0, 0, 12, 12]);
const b = moving([30, 20, 14, 14]);

describe('objects to which the user gave an ID', () => {
  /** The tracklets of chunks, of which some have an ID that the user gave: "chunk:localId" -> ID. */
  const named = (seen: readonly SeenChunk[], ids: Readonly<Record<string, number>>): ChunkTracklets[] =>
    seen.map(trackletsOf).map((x) => ({
      ...x,
      tracklets: x.tracklets.map((t) => {
        const givenId = ids[`${t.chunkIndex}:${t.localId}`];
        return givenId === undefined ? t : { ...t, givenId };
      }),
    }));

  it('joins what has one given ID in several chunks, after an absence and without any overlap', () => {
    const gone = moving([0, 0, 12, 12], [0, 0], 0, 5);
    const back = moving([40, 30, 12, 12], [0, 0], 50);
    const seen = [chunkAt(0, 0, 0, 20, { 4: gone, 9: b }), chunkAt(1, 12, 20, 40, { 1: b }), chunkAt(2, 32, 40, 60, { 1: b, 2: back })];
    const map = resolveIdentities(named(seen, { '0:4': 4, '2:2': 4 }), matchAll(seen));
    expect(names(map)).toEqual(['0:4=4', '0:9=5', '1:1=5', '2:1=5', '2:2=4']);
    expect(map.objects[0]).toMatchObject({ globalId: 4, firstFrame: 0, lastFrame: 59, tracklets: [{ chunkIndex: 0, localId: 4 }, { chunkIndex: 2, localId: 2 }] });
  });

  it('joins one given ID although both are seen at one time in different places, and each chunk shows its own', () => {
    const seen = [chunkAt(0, 0, 0, 20, { 3: a }), chunkAt(1, 12, 20, 40, { 3: b })];
    const map = resolveIdentities(named(seen, { '0:3': 3, '1:3': 3 }), matchAll(seen));
    expect(map.chunks.flatMap((x) => x.assignments)).toEqual([
      { localId: 3, globalId: 3, emitStart: 0, emitEnd: 20 },
      { localId: 3, globalId: 3, emitStart: 20, emitEnd: 40 },
    ]);
  });

  it('says in the report where only the given ID makes a pair one object', () => {
    const seen = [chunkAt(0, 0, 0, 20, { 3: a }), chunkAt(1, 12, 20, 40, { 3: moving([5, 0, 12, 12]) })];
    const tracklets = named(seen, { '0:3': 3, '1:3': 3 });
    const [left, right] = seen.map((chunk, i) => ({ ...sideOf(chunk, 12, 20), tracklets: tracklets[i]!.tracklets }));
    const { joins } = resolveIdentities(tracklets, [matchOverlap(left!, right!, OPTIONS)]);
    expect(joins).toMatchObject([{ decision: 'rejected', reason: 'too little overlap, but the user gave both one ID', leftGlobalId: 3, rightGlobalId: 3, cutFrame: null }]);
  });

  it('shows a given object in the lead-in when the chunk before does not have it', () => {
    const seen = [chunkAt(0, 0, 0, 20, { 1: a }), chunkAt(1, 12, 20, 40, { 1: a, 5: moving([30, 20, 14, 14], [0, 0], 14) })];
    const map = resolveIdentities(named(seen, { '1:5': 5 }), matchAll(seen));
    expect(map.chunks[1]!.assignments.find(({ localId }) => localId === 5)).toEqual({ localId: 5, globalId: 5, emitStart: 12, emitEnd: 40 });
    expect(map.objects.find(({ globalId }) => globalId === 5)).toMatchObject({ firstFrame: 14, lastFrame: 39 });
    const both = resolveIdentities(named(seen, { '0:1': 5, '1:5': 5 }), matchAll(seen));
    expect(both.chunks[1]!.assignments.find(({ localId }) => localId === 5)).toMatchObject({ emitStart: 20 });
  });

  it('shows a given object in the lead-in, too, when re-identification links it to what the chunk before saw earlier', () => {
    const gone = moving([30, 20, 14, 14], [0, 0], 0, 10);
    const back = moving([30, 20, 14, 14], [0, 0], 14);
    const seen = [chunkAt(0, 0, 0, 20, { 1: a, 2: gone }), chunkAt(1, 12, 20, 40, { 1: a, 5: back })];
    const links = [{ a: { chunkIndex: 0, localId: 2 }, b: { chunkIndex: 1, localId: 5 }, score: -0.1 }];
    const map = resolveIdentities(named(seen, { '1:5': 5 }), matchAll(seen), { links, cannotLinks: [] });
    expect(map.chunks.map((x) => x.assignments.find(({ globalId }) => globalId === 5))).toEqual([
      { localId: 2, globalId: 5, emitStart: 0, emitEnd: 20 },
      { localId: 5, globalId: 5, emitStart: 12, emitEnd: 40 },
    ]);
  });

  it('never joins two given IDs, however alike they look, and takes no found object in place of a namesake', () => {
    const seen = [chunkAt(0, 0, 0, 20, { 1: a }), chunkAt(1, 12, 20, 40, { 2: a })];
    const apart = resolveIdentities(named(seen, { '0:1': 1, '1:2': 2 }), matchAll(seen));
    expect(names(apart)).toEqual(['0:1=1', '1:2=2']);
    expect(apart.joins[0]).toMatchObject({ decision: 'refused-cannot-link', leftGlobalId: 1, rightGlobalId: 2 });
    const namesake = [chunkAt(0, 0, 0, 20, { 1: a }), chunkAt(1, 12, 20, 40, { 7: a, 1: b })];
    expect(names(resolveIdentities(named(namesake, { '0:1': 1, '1:1': 1 }), matchAll(namesake)))).toEqual(['0:1=1', '1:1=1', '1:7=2']);
  });

  it('lets a given object be cut by hand: the first part keeps the ID, the other gets a new one', () => {
    const seen = [chunkAt(0, 0, 0, 20, { 1: a }), chunkAt(1, 12, 20, 40, { 1: a })];
    const split: IdentityConstraints = { links: [], cannotLinks: [[{ chunkIndex: 0, localId: 1 }, { chunkIndex: 1, localId: 1 }]] };
    expect(names(resolveIdentities(named(seen, { '0:1': 6, '1:1': 6 }), matchAll(seen), split))).toEqual(['0:1=6', '1:1=7']);
    expect(() => resolveIdentities(named([chunkAt(0, 0, 0, 20, { 1: a, 2: b })], { '0:1': 3, '0:2': 3 }), [])).toThrow('two tracklets of the given object 3');
  });

  it('keeps every given ID in every chunk that has it, for any order of inputs, and never gives one ID to two masks of a frame', () => {
    const arbitrary = fc.record({ scene: scenes, given: fc.array(fc.tuple(fc.nat(9), fc.nat(5), fc.integer({ min: 1, max: 4 })), { maxLength: 12 }), linked: fc.array(fc.tuple(fc.nat(), fc.nat(), fc.constantFrom(-0.5, 0.7, Infinity)), { maxLength: 8 }) });
    fc.assert(
      fc.property(arbitrary, ({ scene: { lives, shuffle, chunkFrames, cuts }, given, linked }) => {
        const actors = lives.map(([first, length], i): Actor => moving([1, 8 * i, 10 + i, 7], [0, 0], first, first + length - 1));
        const chunks = planChunks({ frameCount: 120, chunkFrames, overlapFrames: 6, sceneCuts: cuts, chainChunks: 1, detectEvery: 8 }).map((spec): SeenChunk => ({ spec, actors: new Map(actors.map((actor, i) => [i + 1, actor])) }));
        // Whatever the user says, right or wrong: an ID once per chunk, one ID per tracklet.
        const ids: Record<string, number> = {};
        for (const [chunk, actor, id] of given) {
          const key = `${chunk % chunks.length}:${(actor % actors.length) + 1}`;
          const taken = Object.entries(ids).some(([other, value]) => value === id && other.startsWith(`${chunk % chunks.length}:`));
          if (!taken) ids[key] ??= id;
        }
        const tracklets = named(chunks, ids);
        const matches = chunks.slice(1).map((right, i) => {
          const [from, to] = [right.spec.startFrame, chunks[i]!.spec.endFrame];
          const sides = [i, i + 1].map((c) => ({ ...sideOf(chunks[c]!, from, to), tracklets: tracklets[c]!.tracklets }));
          return matchOverlap(sides[0]!, sides[1]!, OPTIONS);
        });
        // As re-identification or a user's hand would link them, wherever that leads.
        const keys = tracklets.flatMap((t) => t.tracklets);
        const links = keys.length === 0 ? [] : linked.map(([p, q, score]) => ({ a: keys[p % keys.length]!, b: keys[q % keys.length]!, score }));
        const map = resolveIdentities(tracklets, matches, { links, cannotLinks: [] });
        const mixed = resolveIdentities(
          shuffled(tracklets, shuffle).map((t) => ({ ...t, tracklets: shuffled(t.tracklets, shuffle) })),
          shuffled(matches, shuffle).map((m) => ({ ...m, pairs: shuffled(m.pairs, shuffle) })),
          { links: shuffled(links, shuffle), cannotLinks: [] },
        );
        expect(JSON.stringify(mixed)).toBe(JSON.stringify(map));
        const faults: string[] = [];
        const highest = Math.max(0, ...tracklets.flatMap((t) => t.tracklets.map(({ givenId }) => givenId ?? 0)));
        for (const { chunkIndex, assignments } of map.chunks)
          for (const { localId, globalId } of assignments) {
            const own = ids[`${chunkIndex}:${localId}`];
            if (own !== undefined && own !== globalId) faults.push(`given ${own} became ${globalId}`);
            if (own === undefined && globalId <= highest && !map.objects.find((o) => o.globalId === globalId)!.tracklets.some((t) => ids[`${t.chunkIndex}:${t.localId}`] === globalId)) faults.push(`found ${chunkIndex}:${localId} has the low ID ${globalId}`);
          }
        expect(faults).toEqual([]);
        expect(new Set(map.objects.map(({ globalId }) => globalId)).size).toBe(map.objects.length);
        for (let frame = 0; frame < 120; frame++)
          selectMasksForFrame(frame, chunks.filter(({ spec }) => frame >= spec.startFrame && frame < spec.endFrame).map((chunk) => ({ assignments: map.chunks[chunk.spec.index]!, masks: masksAt(chunk, frame) })));
      }),
      { numRuns: 60 },
    );
  });
});
