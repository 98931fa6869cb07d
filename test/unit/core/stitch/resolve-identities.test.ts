import fc from 'fast-check';
import { planChunks } from '../../../../core/planning/plan-chunks';
import { resolveIdentities, type ChunkTracklets, type IdentityConstraints } from '../../../../core/stitch/resolve-identities';
import { selectMasksForFrame } from '../../../../core/stitch/select-masks';
import { matchAll, names, resolve, scenes, shuffled } from '../support/stitching';
import { chunkAt, masksAt, moving, trackletsOf, type Actor, type SeenChunk } from '../support/world';

const a = moving([0, 0, 12, 12]);
const b = moving([30, 20, 14, 14]);
const c = moving([50, 0, 8, 8]);

describe('resolveIdentities', () => {
  it('gives nothing for nothing, and one ID to one tracklet', () => {
    expect(resolveIdentities([], [])).toEqual({ objects: [], chunks: [], joins: [], lineage: [], dropped: [] });
    expect(names(resolve([chunkAt(0, 0, 0, 10, { 5: a })]))).toEqual(['0:5=1']);
  });

  it('carries an ID over many chunks and numbers by first frame, then size', () => {
    const late = moving([50, 0, 8, 8], [0, 0], 15);
    const map = resolve([
      chunkAt(0, 0, 0, 20, { 1: a, 2: b, 3: late }),
      chunkAt(1, 12, 20, 40, { 1: b, 2: late, 3: a }),
      chunkAt(2, 32, 40, 60, { 1: late, 2: a, 3: b }),
    ]);
    expect(names(map)).toEqual(['0:1=2', '0:2=1', '0:3=3', '1:1=1', '1:2=3', '1:3=2', '2:1=3', '2:2=2', '2:3=1']);
    expect(map.objects[2]).toMatchObject({ globalId: 3, firstFrame: 15, lastFrame: 59 });
    expect(map.joins).toHaveLength(6);
    expect(map.joins[0]).toMatchObject({ boundary: 0, left: 1, right: 3, leftGlobalId: 2, rightGlobalId: 2, decision: 'joined' });
  });

  it('keeps the IDs that the user gave, in every chunk, and numbers the others after them', () => {
    const late = moving([50, 0, 8, 8], [0, 0], 15);
    const seen = [chunkAt(0, 0, 0, 20, { 3: a, 7: b, 8: late }), chunkAt(1, 12, 20, 40, { 1: b, 2: late, 3: a })];
    const chunks = seen.map(trackletsOf).map((x) => ({ ...x, tracklets: x.tracklets.map((t) => (t.chunkIndex === 0 && t.localId < 8 ? { ...t, givenId: t.localId } : t)) }));
    const map = resolveIdentities(chunks, matchAll(seen));
    expect(names(map)).toEqual(['0:3=3', '0:7=7', '0:8=8', '1:1=7', '1:2=8', '1:3=3']);
    expect(map.objects.map(({ globalId }) => globalId)).toEqual([3, 7, 8]);
  });

  it('an unmatched object ends with its owned range, and a new one starts there', () => {
    const onlyLeft = chunkAt(0, 0, 0, 20, { 1: a });
    const onlyRight = chunkAt(1, 12, 20, 40, { 1: b });
    const map = resolve([onlyLeft, onlyRight]);
    expect(map.chunks.flatMap((x) => x.assignments)).toEqual([
      { localId: 1, globalId: 1, emitStart: 0, emitEnd: 20 },
      { localId: 1, globalId: 2, emitStart: 20, emitEnd: 40 },
    ]);
    expect(map.objects.map((o) => [o.firstFrame, o.lastFrame])).toEqual([[0, 19], [20, 39]]);
  });

  it('drops what is seen only in a lead-in, unless it was matched', () => {
    const brief = moving([30, 20, 14, 14], [0, 0], 0, 18);
    const map = resolve([chunkAt(0, 0, 0, 20, { 1: brief }), chunkAt(1, 12, 20, 40, { 1: brief, 2: moving([0, 0, 9, 9], [0, 0], 13, 19) })]);
    expect(names(map)).toEqual(['0:1=1', '1:1=1']);
    expect(map.dropped).toEqual([{ chunkIndex: 1, localId: 2, reason: 'lead-in-only' }]);
  });

  it('drops what no chunk confirmed, but a neighbour can confirm', () => {
    const chunks = [chunkAt(0, 0, 0, 20, { 1: a, 2: b }), chunkAt(1, 12, 20, 40, { 1: a })];
    const tracklets = chunks.map(trackletsOf).map((x, i): ChunkTracklets => ({
      ...x,
      tracklets: x.tracklets.map((t) => ({ ...t, confirmed: i === 1 })),
    }));
    const map = resolveIdentities(tracklets, matchAll(chunks));
    expect(names(map)).toEqual(['0:1=1', '1:1=1']);
    expect(map.dropped).toEqual([{ chunkIndex: 0, localId: 2, reason: 'unconfirmed' }]);
  });

  it('names the IDs on both ends of a split', () => {
    const whole = chunkAt(0, 0, 0, 20, { 1: moving([10, 10, 30, 20]) });
    const parts = chunkAt(1, 12, 20, 40, { 4: moving([10, 10, 12, 20]), 5: moving([23, 10, 17, 20]) });
    const map = resolve([whole, parts]);
    expect(names(map)).toEqual(['0:1=1', '1:4=2', '1:5=1']);
    expect(map.lineage).toEqual([{ kind: 'split_from', boundary: 0, pieceGlobalId: 2, wholeGlobalId: 1 }]);
  });

  it('refuses links that would put two objects of one moment under one ID', () => {
    const chunks = [chunkAt(0, 0, 0, 20, { 1: a, 2: b }), chunkAt(1, 12, 20, 40, { 1: a, 2: b, 3: c })];
    const link = (x: [number, number], y: [number, number]): IdentityConstraints => ({
      links: [{ a: { chunkIndex: x[0], localId: x[1] }, b: { chunkIndex: y[0], localId: y[1] }, score: 0.01 }],
      cannotLinks: [],
    });
    const plain = names(resolve(chunks));
    expect(names(resolve(chunks, link([0, 1], [0, 2])))).toEqual(plain);
    expect(names(resolve(chunks, link([0, 1], [1, 3])))).toEqual(plain);
    expect(names(resolve(chunks, link([0, 1], [1, 1])))).toEqual(plain);
  });

  it('follows re-identification links over a gap', () => {
    const gone = moving([0, 0, 12, 12], [0, 0], 0, 5);
    const back = moving([40, 30, 12, 12], [0, 0], 30);
    const chunks = [chunkAt(0, 0, 0, 20, { 1: gone }), chunkAt(1, 12, 20, 40, { 1: back })];
    expect(names(resolve(chunks))).toEqual(['0:1=1', '1:1=2']);
    const links = [{ a: { chunkIndex: 0, localId: 1 }, b: { chunkIndex: 1, localId: 1 }, score: 0.9 }];
    expect(names(resolve(chunks, { links, cannotLinks: [] }))).toEqual(['0:1=1', '1:1=1']);
  });

  it('links two tracklets of one chunk that follow each other, but not two that live at one time', () => {
    const lives: [number, number][] = [[0, 8], [10, 19], [7, 12]];
    const chunk = chunkAt(0, 0, 0, 20, Object.fromEntries(lives.map(([first, last], i) => [i + 1, moving([20 * i, 0, 12 - i, 12], [0, 0], first, last)])));
    const link = (x: number, y: number) => ({ a: { chunkIndex: 0, localId: x }, b: { chunkIndex: 0, localId: y }, score: 0.9 });
    const map = resolve([chunk], { links: [link(1, 2), link(1, 3), link(2, 3)], cannotLinks: [] });
    expect(names(map)).toEqual(['0:1=1', '0:2=1', '0:3=2']);
    expect(map.objects[0]!.tracklets).toEqual([{ chunkIndex: 0, localId: 1 }, { chunkIndex: 0, localId: 2 }]);
  });

  it('never puts two IDs that the user gave into one object, not even by way of a third', () => {
    const chunk = trackletsOf(chunkAt(0, 0, 0, 30, { 3: moving([0, 0, 9, 9], [0, 0], 0, 5), 4: moving([0, 0, 9, 9], [0, 0], 8, 12), 7: moving([0, 0, 9, 9], [0, 0], 20, 25) }));
    const given = { ...chunk, tracklets: chunk.tracklets.map((t) => (t.localId === 4 ? t : { ...t, givenId: t.localId })) };
    const link = (x: number, y: number, score: number) => ({ a: { chunkIndex: 0, localId: x }, b: { chunkIndex: 0, localId: y }, score });
    expect(names(resolveIdentities([given], [], { links: [link(3, 4, 0.9), link(4, 7, 0.8)], cannotLinks: [] }))).toEqual(['0:3=3', '0:4=3', '0:7=7']);
  });

  it('a join forbidden by hand is refused and reported', () => {
    const chunks = [chunkAt(0, 0, 0, 20, { 1: a }), chunkAt(1, 12, 20, 40, { 1: a })];
    const map = resolve(chunks, { links: [], cannotLinks: [[{ chunkIndex: 0, localId: 1 }, { chunkIndex: 1, localId: 1 }]] });
    expect(names(map)).toEqual(['0:1=1', '1:1=2']);
    expect(map.joins[0]).toMatchObject({ decision: 'refused-cannot-link', leftGlobalId: 1, rightGlobalId: 2, cutFrame: null });
  });

  it('refuses tracklets that are doubled or unknown', () => {
    const one = trackletsOf(chunkAt(0, 0, 0, 20, { 1: a }));
    expect(() => resolveIdentities([one, one], [])).toThrow('chunk 0 is given twice');
    expect(() => resolveIdentities([{ ...one, tracklets: [...one.tracklets, ...one.tracklets] }], [])).toThrow('two tracklets 1');
    const matches = matchAll([chunkAt(0, 0, 0, 20, { 1: a }), chunkAt(1, 12, 20, 40, { 1: a })]);
    expect(() => resolveIdentities([one], matches)).toThrow('no tracklet 1 in chunk 1');
    expect(() => resolveIdentities([one], [...matches, ...matches])).toThrow('the border after chunk 0 is given twice');
  });

  it('gives the same bytes for any order of inputs, one mask per object and frame, and no object twice', () => {
    fc.assert(
      fc.property(scenes, ({ lives, shuffle, chunkFrames, cuts }) => {
        const actors = lives.map(([first, length], i): Actor => moving([1, 8 * i, 10 + i, 7], [0, 0], first, first + length - 1));
        const specs = planChunks({ frameCount: 120, chunkFrames, overlapFrames: 6, sceneCuts: cuts, chainChunks: 1, detectEvery: 8 });
        const chunks = specs.map((spec): SeenChunk => {
          const order = shuffled([...actors.keys()], shuffle.slice(spec.index));
          return { spec, actors: new Map(order.map((actor, i) => [i + 1, actors[actor]!])) };
        });
        const truthOf = (chunk: number, localId: number): Actor => chunks[chunk]!.actors.get(localId)!;
        const tracklets = chunks.map(trackletsOf);
        const matches = matchAll(chunks);
        const map = resolveIdentities(tracklets, matches);
        const mixed = resolveIdentities(
          shuffled(tracklets, shuffle).map((t) => ({ ...t, tracklets: shuffled(t.tracklets, shuffle) })),
          shuffled(matches, shuffle).map((m) => ({ ...m, pairs: shuffled(m.pairs, shuffle) })),
        );
        expect(JSON.stringify(mixed)).toBe(JSON.stringify(map));

        const ids = new Set<number>();
        const faults: string[] = [];
        const check = (frame: number, what: string, holds: boolean): unknown => holds || faults.push(`${what} on frame ${frame}`);
        let newest = 0;
        for (let frame = 0; frame < 120; frame++) {
          const sources = chunks
            .filter(({ spec }) => frame >= spec.startFrame && frame < spec.endFrame)
            .map((chunk) => ({ assignments: map.chunks[chunk.spec.index]!, masks: masksAt(chunk, frame) }));
          const selected = selectMasksForFrame(frame, sources);
          const seen = new Set(selected.map((m) => truthOf(m.chunkIndex, m.localId)));
          check(frame, 'an object is there twice', seen.size === selected.length);
          check(frame, 'an object is missing', selected.length === actors.filter((actor) => actor(frame)).length);
          for (const { globalId } of selected) {
            ids.add(globalId);
            if (globalId > newest) newest = globalId;
            const { firstFrame, lastFrame } = map.objects[globalId - 1]!;
            check(frame, 'an object is outside its span', frame >= firstFrame && frame <= lastFrame);
          }
          check(frame, 'an ID came before a lower one', newest === ids.size);
        }
        expect(faults).toEqual([]);
        expect(ids.size).toBe(map.objects.length);
        for (const object of map.objects)
          expect(new Set(object.tracklets.map((t) => truthOf(t.chunkIndex, t.localId))).size).toBe(1);
        const usedCuts = specs.filter((s) => s.index > 0 && s.startFrame === s.ownedStart).length;
        if (usedCuts === 0) expect(map.objects.length).toBe(lives.length);
      }),
      { numRuns: 40 },
    );
  });
});

describe('selectMasksForFrame', () => {
  it('changes from the left to the right mask at the cut frame', () => {
    const chunks = [chunkAt(0, 0, 0, 20, { 1: a }), chunkAt(1, 12, 20, 40, { 8: a })];
    const map = resolve(chunks);
    const pick = (frame: number): number[] =>
      selectMasksForFrame(frame, chunks.map((x) => ({ assignments: map.chunks[x.spec.index]!, masks: masksAt(x, frame) }))).map((m) => m.chunkIndex);
    const cut = map.joins[0]!.cutFrame!;
    expect([pick(cut - 1), pick(cut), pick(19), pick(12)]).toEqual([[0], [1], [1], [0]]);
  });

  it('refuses sources that claim one object twice', () => {
    const assignments = { chunkIndex: 0, assignments: [{ localId: 1, globalId: 1, emitStart: 0, emitEnd: 9 }] };
    const masks = masksAt(chunkAt(0, 0, 0, 9, { 1: a }), 3);
    expect(() => selectMasksForFrame(3, [{ assignments, masks }, { assignments, masks }])).toThrow('two masks of object 1 on frame 3');
    expect(selectMasksForFrame(9, [{ assignments, masks }])).toEqual([]);
  });
});
