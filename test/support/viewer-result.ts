import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openOverlayPart } from '../../adapters/ffmpeg/overlay-writer';
import { encodeRle, rleArea, rleToBoxXywh } from '../../core/mask/rle';
import { toCocoRle } from '../../core/mask/rle-string';
import { stitchReportSchema, type StitchReport } from '../../contracts/stitch-report';
import { writeViewer } from '../../viewer/write-viewer';

export const WIDTH = 160;
export const HEIGHT = 90;
export const FRAMES = 300;
/** Object 1 is out of sight in these frames; the chunks meet at BORDER. */
export const GAP = [100, 140] as const;
export const BORDER = 150;
/** A user's label that must stay text. */
export const LABEL = '<img src=x onerror="document.title=1">dog';

/** Left edge of object 1 on a frame: a square of 20 pixels that moves two pixels per frame, and starts again. */
export const squareLeft = (frame: number): number => (frame % 70) * 2;
/** Milliseconds: every third frame is shown twice as long as the others. */
export const millisOf = (frame: number): number => frame * 40 + Math.floor(frame / 3) * 40;

interface Square {
  readonly id: number;
  readonly x: number;
  readonly y: number;
  readonly side: number;
  readonly score: number;
}

function squaresOf(frame: number): Square[] {
  const squares: Square[] = [];
  if (frame < GAP[0] || frame >= GAP[1]) squares.push({ id: 1, x: squareLeft(frame), y: 30, side: 20, score: 0.95 });
  if (frame < BORDER) squares.push({ id: 2, x: 120, y: 60, side: 16, score: 0.7 });
  if (frame >= 160) squares.push({ id: 3, x: 122, y: 60, side: 16, score: 0.7 });
  if (frame >= 10 && frame < 20) squares.push({ id: 4, x: 4, y: 4, side: 6, score: 0.4 });
  return squares;
}

function maskLine(frame: number): string {
  const objects = squaresOf(frame).map(({ id, x, y, side, score }) => {
    const data = new Uint8Array(WIDTH * HEIGHT);
    for (let row = y; row < y + side; row++) data.fill(1, row * WIDTH + x, row * WIDTH + Math.min(WIDTH, x + side));
    const rle = encodeRle({ width: WIDTH, height: HEIGHT, data });
    return { id, score, bbox: rleToBoxXywh(rle), area: rleArea(rle), segmentation: toCocoRle(rle) };
  });
  return JSON.stringify({ frame, time: millisOf(frame) / 1000, objects });
}

/** Two chunks; object 1 joined at the border, 2 left apart from 3 as ambiguous, 2 suggested to come back as 3. */
export function viewerStitchReport(): StitchReport {
  const evidence = { volumeIou: 0.9, jointIou: 0.9, jointFrames: 10, commonFrames: 10, agreeingFrames: 10, frameIous: Array<number>(10).fill(0.9), leftInRight: 0.95, rightInLeft: 0.94, centroidDistance: 0.5, areaRatio: 0.99, appearance: 0.97, score: 0.93 };
  const join = { boundary: 0, left: 1, right: 1, leftGlobalId: 1, rightGlobalId: 1, decision: 'joined', reason: 'same pixels', cutFrame: 145, evidence };
  return stitchReportSchema.parse({
    schemaVersion: 2,
    options: { stitchIouThresh: 0.5, stitchLowIouThresh: 0.2, stitchMargin: 0.1, reidentify: false, reidentifyThresh: 0.75, reidentifyGap: 240 },
    counts: { joined: 1, ambiguous: 1, rejected: 1, refused: 0, splits: 0, merges: 0, reidentified: 0, suggested: 1, dropped: 0 },
    chunks: [
      { index: 0, firstFrame: 0, lastFrame: 149, ownedFirstFrame: 0, ownedLastFrame: 149 },
      { index: 1, firstFrame: 140, lastFrame: 299, ownedFirstFrame: BORDER, ownedLastFrame: 299 },
    ],
    borders: [{ boundary: 0, atSceneCut: false, frames: Array.from({ length: 10 }, (_, i) => 140 + i) }],
    objects: [1, 2, 3, 4].map((id) => ({ id, tracklets: [{ chunkIndex: 0, localId: id }] })),
    joins: [
      join,
      { ...join, left: 2, right: 3, leftGlobalId: 2, rightGlobalId: 3, decision: 'ambiguous', reason: 'a rival fits almost as well', cutFrame: null },
      { ...join, left: 1, right: 3, leftGlobalId: 1, rightGlobalId: 3, decision: 'rejected', reason: 'another pair fits better', cutFrame: null, evidence: { ...evidence, jointIou: 0.45 } },
    ],
    lineage: [],
    reidentifications: [
      {
        before: { chunkIndex: 0, localId: 2 },
        after: { chunkIndex: 1, localId: 3 },
        beforeGlobalId: 2,
        afterGlobalId: 3,
        lastFrame: 149,
        firstFrame: 152,
        decision: 'suggested',
        reason: 'alike and within reach; re-identification is off',
        evidence: { gapFrames: 10, acrossCut: false, appearance: 0.96, areaRatio: 0.99, distance: 0.6, reach: 150, score: 0.93 },
      },
    ],
    dropped: [],
  });
}

/** Everything of a result folder but the film and the page. */
export async function writeResultFiles(folder: string): Promise<{ masksPath: string; resultPath: string; stitchReportPath: string; folder: string }> {
  const paths = { masksPath: join(folder, 'masks.jsonl'), resultPath: join(folder, 'result.json'), stitchReportPath: join(folder, 'stitch-report.json'), folder };
  await writeFile(paths.masksPath, Array.from({ length: FRAMES }, (_, frame) => `${maskLine(frame)}\n`).join(''));
  const result = {
    schemaVersion: 1,
    video: { id: 'a'.repeat(64), name: 'squares </script>.mp4', width: WIDTH, height: HEIGHT },
    options: { preset: 'draft' },
    model: { name: 'mobilesam' },
    counts: { objects: 4 },
    range: { firstFrame: 0, frameStep: 1 },
    sceneCuts: [200],
    objects: [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4, label: LABEL }],
  };
  await writeFile(paths.resultPath, JSON.stringify(result));
  await writeFile(paths.stitchReportPath, JSON.stringify(viewerStitchReport()));
  return paths;
}

/** A whole result folder: a film of variable frame rate in which object 1 is white, its masks, its page. */
export async function writeViewerResult(folder: string): Promise<void> {
  await mkdir(join(folder, 'viewer'), { recursive: true });
  const film = await openOverlayPart({ path: join(folder, 'viewer', 'preview.mp4'), width: WIDTH, height: HEIGHT, timeBase: { num: 1, den: 1000 } });
  for (let frame = 0; frame < FRAMES; frame++) {
    const rgb = new Uint8Array(WIDTH * HEIGHT * 3).fill(40);
    for (const { id, x, y, side } of squaresOf(frame)) for (let row = y; row < y + side; row++) rgb.fill(id === 1 ? 250 : 120, (row * WIDTH + x) * 3, (row * WIDTH + Math.min(WIDTH, x + side)) * 3);
    await film.write(rgb, millisOf(frame), millisOf(frame + 1) - millisOf(frame));
  }
  await film.finish();
  await writeViewer(await writeResultFiles(folder));
}
