import fc from 'fast-check';
import { chainsOf } from '../../../../core/planning/chains';
import { planChunks, type ChunkPlanOptions, type ChunkSpec, type PlannedChunk } from '../../../../core/planning/plan-chunks';

function plan(frameCount: number, chunkFrames: number, overlapFrames: number, sceneCuts: number[] = []): ChunkSpec[] {
  return planChunks({ frameCount, chunkFrames, overlapFrames, sceneCuts, chainChunks: 1, detectEvery: 8 });
}

function planChain(frameCount: number, chunkFrames: number, detectEvery: number, sceneCuts: number[] = [], chainChunks = Infinity): PlannedChunk[] {
  return planChunks({ frameCount, chunkFrames, overlapFrames: 2, sceneCuts, chainChunks, detectEvery });
}

/** "start-ownedStart-end" per chunk. */
function summary(chunks: readonly ChunkSpec[]): string[] {
  return chunks.map((c) => `${c.startFrame}-${c.ownedStart}-${c.endFrame}`);
}

describe('planChunks', () => {
  it.each([
    ['no frames give no chunks', plan(0, 10, 2), []],
    ['one frame gives one chunk', plan(1, 10, 2), ['0-0-1']],
    ['a video as long as a chunk stays whole', plan(10, 10, 2), ['0-0-10']],
    ['even when it holds a scene cut', plan(10, 10, 2, [9]), ['0-0-10']],
    ['neighbours share the overlap, owned by the left', plan(18, 10, 2), ['0-0-10', '8-10-18']],
    ['a short tail is absorbed', plan(11, 10, 2), ['0-0-11']],
    ['a tail of a quarter chunk is not', plan(12, 10, 2), ['0-0-10', '8-10-12']],
    ['a border moves to a scene cut and nothing is shared there', plan(18, 10, 2, [11]), ['0-0-11', '11-11-18']],
    ['to the nearest, the earlier of equals', plan(30, 10, 2, [9, 11]), ['0-0-9', '9-9-19', '17-19-27', '25-27-30']],
    ['but not further than a quarter chunk', plan(18, 10, 2, [7, 13]), ['0-0-10', '8-10-18']],
    ['nor to a cut that leaves too short a tail', plan(13, 10, 2, [12]), ['0-0-10', '8-10-13']],
    ['chunks of one frame work', plan(3, 1, 0), ['0-0-1', '1-1-2', '2-2-3']],
    ['cuts outside the video are ignored', plan(18, 10, 2, [-4, 0, 18, 99]), ['0-0-10', '8-10-18']],
  ])('%s', (_, chunks, expected) => {
    expect(summary(chunks)).toEqual(expected);
  });

  it.each([
    ['a chunk that goes on shares nothing, and the border comes right after a detection frame', planChain(36, 10, 4), ['0-0-9', '9-9-17', '17-17-25', '25-25-33', '33-33-36']],
    ['a video that fits a chunk stays whole', planChain(28, 29, 10), ['0-0-28']],
    ['the first border waits for the third detection of the scene', planChain(40, 10, 8), ['0-0-17', '17-17-25', '25-25-33', '33-33-40']],
    ['so does one soon after a cut inside a chunk', planChain(60, 20, 4, [14]), ['0-0-21', '21-21-41', '41-41-60']],
    ['a scene that would have to be waited for too long is not', planChain(40, 10, 12), ['0-0-10', '10-10-25', '25-25-37', '37-37-40']],
    ['at a cut nothing goes on', planChain(40, 10, 4, [18]), ['0-0-9', '9-9-18', '18-18-25', '25-25-33', '33-33-40']],
    ['after so many in a row the next starts afresh', planChain(44, 10, 4, [], 2), ['0-0-9', '9-9-19', '17-19-25', '25-25-35', '33-35-41', '41-41-44']],
  ])('%s', (_, chunks, expected) => {
    expect(summary(chunks)).toEqual(expected);
  });

  const options: fc.Arbitrary<ChunkPlanOptions> = fc.integer({ min: 1, max: 60 }).chain((chunkFrames) =>
    fc.record({
      frameCount: fc.integer({ min: 0, max: 300 }),
      chunkFrames: fc.constant(chunkFrames),
      overlapFrames: fc.integer({ min: 0, max: Math.ceil(chunkFrames / 2) - 1 }),
      sceneCuts: fc.array(fc.integer({ min: -5, max: 520 }), { maxLength: 30 }),
      chainChunks: fc.constantFrom(1, 2, 5, Infinity),
      detectEvery: fc.integer({ min: 1, max: 20 }),
    }),
  );

  it('keeps its promises for any video', () => {
    fc.assert(
      fc.property(options, (o) => {
        const chunks = planChunks(o);
        const faults: string[] = [];
        let owned = 0;
        chunks.forEach((chunk, i) => {
          const check = (what: string, holds: boolean): unknown => holds || faults.push(`chunk ${i}: ${what}`);
          const previous = chunks[i - 1];
          check('index', chunk.index === i);
          check('owned ranges follow each other', chunk.ownedStart === owned && chunk.ownedEnd > chunk.ownedStart);
          check('it computes what it owns', chunk.startFrame <= chunk.ownedStart && chunk.endFrame === chunk.ownedEnd);
          check('length', chunk.endFrame - chunk.startFrame <= (o.chainChunks === 1 ? 1.25 : 2.25) * o.chunkFrames);
          owned = chunk.ownedEnd;
          if (!previous) return check('start', chunk.startFrame === 0);
          const shared = previous.endFrame - chunk.startFrame;
          const atCut = shared === 0 && o.sceneCuts.includes(chunk.ownedStart);
          check('overlap', chunk.continuesPrevious ? shared === 0 : shared === o.overlapFrames || atCut);
          check('progress', chunk.startFrame > previous.startFrame && chunk.endFrame > previous.endFrame);
        });
        expect(faults).toEqual([]);
        for (const { firstChunk, endChunk } of chainsOf(chunks)) expect(endChunk - firstChunk).toBeLessThanOrEqual(o.chainChunks);
        expect(owned).toBe(o.frameCount);
        const inside = (a: ChunkSpec, b: ChunkSpec): boolean => a.startFrame >= b.startFrame && a.endFrame <= b.endFrame;
        expect(chunks.filter((a) => chunks.some((b) => a !== b && inside(a, b)))).toEqual([]);
        if (o.chunkFrames >= o.frameCount) expect(chunks.length).toBe(o.frameCount === 0 ? 0 : 1);
      }),
      { numRuns: 200 },
    );
  });

  it('does not depend on the order of the cuts, nor change them', () => {
    fc.assert(
      fc.property(options, (o) => {
        const before = [...o.sceneCuts];
        expect(planChunks({ ...o, sceneCuts: [...o.sceneCuts].reverse() })).toEqual(planChunks(o));
        expect(o.sceneCuts).toEqual(before);
      }),
    );
  });

  it.each([
    ['an overlap of half a chunk', () => plan(10, 10, 5), 'overlapFrames'],
    ['a negative overlap', () => plan(10, 10, -1), 'overlapFrames'],
    ['a chunk without frames', () => plan(10, 0, 0), 'chunkFrames'],
    ['a fraction of a frame', () => plan(1.5, 10, 1), 'frameCount'],
    ['chains of no chunk', () => planChain(10, 5, 1, [], 0), 'chainChunks'],
    ['no detection', () => planChain(10, 5, 0), 'detectEvery'],
    ['NaN as a cut', () => plan(10, 5, 1, [NaN]), 'scene cuts'],
  ])('refuses %s', (_, run, word) => {
    expect(run).toThrow(RangeError);
    expect(run).toThrow(word);
  });
});
