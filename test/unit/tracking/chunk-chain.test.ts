import { MemoryTracks } from '../../../bench/study/memory-tracks';
import type { DetectionLine } from '../../../contracts/artefacts';
import { ChainTracks } from '../../../core/pipeline/chain-tracks';
import { chainsOf } from '../../../core/planning/chains';
import { detectionPositions } from '../../../core/planning/detection-positions';
import { planChunks, type PlannedChunk } from '../../../core/planning/plan-chunks';
import type { TrackerName } from '../../../core/tracking/types';
import { BLUE, GREEN, RED, YELLOW, detectShapes, type Shape } from './drawn-scene';
import { promptOn, runChunk, type ChunkResult, type ChunkSetup } from './run-chunk';

const FRAMES = 44;
const red: Shape = { colour: RED, width: 36, height: 30, place: (t) => (t >= 14 && t <= 18 ? null : [6 + 2 * t, 10 + t / 2]) };
const green: Shape = { colour: GREEN, width: 30, height: 26, place: (t) => (t >= 37 ? null : [124 - t, 64 - t]) };
const blue: Shape = { colour: BLUE, width: 28, height: 28, place: (t) => (t >= 11 ? [70, 60] : null) };
/** Inside the green one, and on when that is over. */
const yellow: Shape = { colour: YELLOW, width: 10, height: 10, place: (t) => [132 - t, 72 - t] };
const shapes = [red, green, blue, yellow];

function detect(positions: readonly number[]): Map<number, DetectionLine> {
  return new Map(positions.map((t) => [t, detectShapes(shapes, t, t % 6 === 0 ? [yellow] : [])]));
}

/** Runs the chunks of a plan one after the other, each from what the one before left. */
async function runChain(chunks: readonly PlannedChunk[], tracker: TrackerName, detectEvery: number, more: Partial<ChunkSetup>): Promise<ChunkResult[]> {
  const done: ChunkResult[] = [];
  for (const { index, startFrame, endFrame, continuesPrevious } of chunks) {
    const last = done.at(-1)?.events.findLast((event) => event.kind === 'lines');
    const detections = detect(detectionPositions({ startFrame, endFrame, detectEvery, sceneCuts: more.sceneCuts ?? [], continuesPrevious, everyPosition: tracker === 'iou' }));
    const from = continuesPrevious && last?.kind === 'lines' ? { continues: Buffer.concat([Buffer.from('x'), last.checkpoint]).subarray(1), firstFrame: startFrame - 1 } : { firstFrame: startFrame };
    const prompts = (more.prompts ?? []).filter(({ position }) => position >= startFrame && position < endFrame);
    done.push(await runChunk({ shapes, tracker, ...more, prompts, detections, ...from, frames: endFrame, isContinued: chunks[index + 1]?.continuesPrevious ?? false }));
  }
  return done;
}

async function together(chunks: readonly PlannedChunk[], done: readonly ChunkResult[]): Promise<{ lines: string; tracklets: string }> {
  const tracks = new ChainTracks({ chunks: [...chunks] }, chainsOf(chunks)[0]!, ({ index }) => Promise.resolve(new MemoryTracks(done[index]!)));
  const lines = [];
  for await (const line of tracks.lines(0, FRAMES)) lines.push(line);
  return { lines: JSON.stringify(lines), tracklets: JSON.stringify(await tracks.tracklets()) };
}

describe('a chain of chunks', () => {
  it.each<[TrackerName, number, Partial<ChunkSetup>]>([
    ['prompt', 3, {}],
    ['iou', 3, {}],
    ['memory', 3, {}],
    ['memory', 4, { sceneCuts: [24] }],
    ['prompt', 3, { firstFreeId: 4, prompts: [promptOn(20, 3, { box: [70, 60, 98, 88] })] }],
    ['memory', 3, { options: { maxObjects: 2 } }],
  ])('gives what one pass gives, to the byte: %s tracker, detection every %i frames, %j', async (tracker, detectEvery, more) => {
    const cut = (chunkFrames: number): PlannedChunk[] => planChunks({ frameCount: FRAMES, chunkFrames, overlapFrames: 2, sceneCuts: more.sceneCuts ?? [], chainChunks: Infinity, detectEvery });
    const whole = await runChain(cut(1000), tracker, detectEvery, more);
    expect(whole).toHaveLength(1);
    const chunks = cut(8).map((chunk) => ({ ...chunk, continuesPrevious: chunk.index > 0 }));
    expect(chunks.length).toBeGreaterThan(3);
    const done = await runChain(chunks, tracker, detectEvery, more);
    expect(await together(chunks, done)).toEqual({ lines: JSON.stringify(whole[0]!.lines), tracklets: JSON.stringify(whole[0]!.tracklets) });
    expect(whole[0]!.tracklets.length).toBeGreaterThan(1);
  });

  it('lists in each chunk only what lived in it', async () => {
    const chunks = planChunks({ frameCount: FRAMES, chunkFrames: 8, overlapFrames: 2, sceneCuts: [], chainChunks: Infinity, detectEvery: 3 });
    const done = await runChain(chunks, 'memory', 3, { options: { maxMissedDetections: 1 } });
    const listed = done.map(({ tracklets }) => new Set(tracklets.map(({ localId }) => localId)));
    const over = listed.slice(0, -1).map((ids, i) => [...ids].filter((id) => !listed[i + 1]!.has(id)));
    expect(over.flat()).not.toEqual([]);
    for (const [i, ids] of over.entries()) for (const later of listed.slice(i + 1)) for (const id of ids) expect(later.has(id)).toBe(false);
  });

  it('counts found objects above the numbers that the user gives in a later chunk', async () => {
    const result = await runChunk({ shapes, frames: 8, detections: detect([0, 3, 6]), firstFreeId: 50 });
    expect(result.tracklets.every(({ localId }) => localId >= 50)).toBe(true);
  });
});
