// Two chunks of a video, tracked apart, get one set of IDs: node dist/examples/stitch-two-chunks.js
import { encodeRle, type Rle } from 'video-amg/masks';
import { matchOverlap, planChunks, resolveIdentities, selectMasksForFrame, type ScoredMask, type Tracklet } from 'video-amg/stitch';

const [width, height] = [64, 48];

/** A square of 12 pixels with its left upper corner at x, y. */
function square(x: number, y: number): Rle {
  const data = Uint8Array.from({ length: width * height }, (_, i) => Number(i % width >= x && i % width < x + 12 && Math.floor(i / width) >= y && Math.floor(i / width) < y + 12));
  return encodeRle({ width, height, data });
}

// Plan: 28 frames in two chunks that share 8 frames.
const plan = planChunks({ frameCount: 28, chunkFrames: 18, overlapFrames: 8, sceneCuts: [], chainChunks: 1, detectEvery: 4 });
const [left, right] = plan;
if (left === undefined || right === undefined) throw new Error('the plan has one chunk only');

// What each chunk saw, under its own numbers: A moves right, B stands; the right chunk calls them 7 and 3.
const whereA = (frame: number): Rle => square(2 + frame, 4);
const whereB = (): Rle => square(40, 30);
const seen = (frame: number, a: number, b: number): Map<number, ScoredMask> => new Map([[a, { rle: whereA(frame), score: 0.9 }], [b, { rle: whereB(), score: 0.8 }]]);
const tracklets = (chunkIndex: number, ids: readonly number[], firstFrame: number, lastFrame: number): Tracklet[] =>
  ids.map((localId) => ({ chunkIndex, localId, firstFrame, lastFrame, area: 144, firstArea: 144, confirmed: true }));
const ofLeft = tracklets(left.index, [1, 2], left.startFrame, left.endFrame - 1);
const ofRight = tracklets(right.index, [7, 3], right.startFrame, right.endFrame - 1);

// Match what both saw in the frames they share.
const shared = Array.from({ length: left.endFrame - right.startFrame }, (_, i) => right.startFrame + i);
const match = matchOverlap(
  { chunkIndex: left.index, tracklets: ofLeft, frames: shared.map((frame) => ({ frame, masks: seen(frame, 1, 2) })) },
  { chunkIndex: right.index, tracklets: ofRight, frames: shared.map((frame) => ({ frame, masks: seen(frame, 7, 3) })) },
  { stitchIouThresh: 0.5, stitchLowIouThresh: 0.2, stitchMargin: 0.1 },
);
for (const pair of match.pairs) console.log(`left ${pair.left}, right ${pair.right}: ${pair.decision}, volume IoU ${pair.evidence.volumeIou.toFixed(2)}`);

// One ID per object over the whole video, and the masks of any frame under it.
const identities = resolveIdentities([{ spec: left, tracklets: ofLeft }, { spec: right, tracklets: ofRight }], [match]);
for (const { globalId, tracklets: parts } of identities.objects) console.log(`object ${globalId}: ${parts.map(({ chunkIndex, localId }) => `chunk ${chunkIndex} number ${localId}`).join(' = ')}`);
const assignments = identities.chunks[right.index];
if (assignments !== undefined) console.log(`frame 20 has objects ${selectMasksForFrame(20, [{ assignments, masks: seen(20, 7, 3) }]).map(({ globalId }) => globalId).join(', ')}`);
