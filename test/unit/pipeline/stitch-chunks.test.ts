import { MemoryTracks } from '../../../bench/study/memory-tracks';
import { stitchChunks, type StitchedChunks } from '../../../bench/study/stitch-chunks';
import type { TrackLine, TrackletRecord } from '../../../contracts/artefacts';
import { resolveSegmentOptions, type SegmentOptionsInput } from '../../../contracts/segment-options';
import { toCocoRle } from '../../../core/mask/rle-string';
import { planVideo } from '../../../core/pipeline/plan-video';
import { chainsOf, chainWith, type Chain } from '../../../core/planning/chains';
import { FrameHashMismatch } from '../../../core/stitch/frame-hash-mismatch';
import { INFO } from '../activities/activity-world';
import { rectangle } from '../core/support/masks';

const SIZE = { width: 32, height: 24 };
type Chunk = { readonly index: number; readonly startFrame: number; readonly endFrame: number };

/** Two squares that move down; the second is not there on positions [from, to). Local IDs are the other way round in odd chains. */
function track({ index, startFrame, endFrame }: Chunk, [from, to]: readonly [number, number], hashOf: (position: number, chunk: number) => string, chain: Chain): MemoryTracks {
  const idOf = (object: number): number => (chain.index % 2 === 0 ? object + 1 : 2 - object);
  const isShown = (object: number, position: number): boolean => object === 0 || position < from || position >= to;
  const positions = Array.from({ length: endFrame - startFrame }, (_, i) => startFrame + i);
  const lines = positions.map((position): TrackLine => ({
    position,
    hash: hashOf(position, index),
    objects: [0, 1].filter((object) => isShown(object, position)).map((object) => {
      const { size, counts } = toCocoRle(rectangle(SIZE.width, SIZE.height, 2 + object * 12, 2 + (Math.floor(position / 4) % 12), 8, 8));
      return { localId: idOf(object), score: 0.9, rle: { size: [size[0], size[1]], counts } };
    }),
  }));
  const tracklets = [0, 1].flatMap((object): TrackletRecord[] => {
    const life = Array.from({ length: endFrame - chain.startFrame }, (_, i) => chain.startFrame + i);
    const seen = life.filter((position) => isShown(object, position));
    if (seen.length === 0) return [];
    return [{ localId: idOf(object), firstPosition: seen[0]!, lastPosition: seen.at(-1)!, frames: seen.length, meanArea: 64, firstArea: 64, confirmed: true, appearance: object === 0 ? [1, 0] : [0, 1], parent: null }];
  });
  return new MemoryTracks({ lines, tracklets });
}

function stitch(planning: SegmentOptionsInput['planning'], hidden: readonly [number, number] = [0, 0], hashOf = (position: number, _chunk: number): string => `h${position}`): Promise<StitchedChunks> {
  const options = resolveSegmentOptions({ planning: { chainChunks: 1, ...planning } });
  const plan = planVideo(INFO, [], options);
  const chains = chainsOf(plan.chunks);
  return stitchChunks({ plan, tracks: plan.chunks.map((chunk) => track(chunk, hidden, hashOf, chainWith(chains, chunk.index))), planning: options.planning, timeline: INFO, size: SIZE });
}

describe('stitching chunks in one process', () => {
  it('gives the lines of one pass', async () => {
    const onePass = await stitch({ chunkFrames: 1000 });
    const inChunks = await stitch({ chunkFrames: 30, overlapFrames: 8 });
    expect(inChunks.lines.map(({ frame }) => frame)).toEqual(Array.from({ length: 60 }, (_, frame) => frame));
    expect(inChunks.lines).toEqual(onePass.lines);
    expect(inChunks.identities.joins.map(({ decision }) => decision)).toEqual(['joined', 'joined', 'joined', 'joined']);
  });

  it('takes the chunks of a chain for one', async () => {
    const chunks = new Set<number>();
    const inChain = await stitch({ chunkFrames: 16, overlapFrames: 4, chainChunks: 2 }, [0, 0], (position, chunk) => (chunks.add(chunk), `h${position}`));
    expect(chunks.size).toBe(4);
    expect(inChain.lines).toEqual((await stitch({ chunkFrames: 1000 })).lines);
    expect(inChain.identities.chunks.map(({ chunkIndex }) => chunkIndex)).toEqual([0, 1]);
    expect(inChain.identities.joins.filter(({ decision }) => decision === 'joined').map(({ boundary }) => boundary)).toEqual([0, 0]);
  });

  it.each([[false, 3], [true, 2]])('an object that comes back, with re-identification %s, has ID %i', async (reidentify, id) => {
    const { lines } = await stitch({ chunkFrames: 30, overlapFrames: 8, reidentify }, [20, 40]);
    expect([0, 30, 59].map((frame) => lines[frame]!.objects.map((object) => object.id))).toEqual([[1, 2], [1], [1, id]]);
  });

  it('refuses chunks that saw different pixels', async () => {
    await expect(stitch({ chunkFrames: 30, overlapFrames: 8 }, [0, 0], (position, chunk) => `${position} ${chunk}`)).rejects.toThrow(FrameHashMismatch);
  });
});
