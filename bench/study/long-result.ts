import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFfmpeg } from '../../adapters/ffmpeg/ffmpeg-binary';
import type { MaskLine } from '../../contracts/pipeline-artefacts';
import type { StitchReport } from '../../contracts/stitch-report';
import { rleToCocoString } from '../../core/mask/rle-string';
import { buildViewer } from '../../viewer/build-viewer';

export interface LongResult {
  readonly minutes: number;
  readonly objects: number;
}

export const WIDTH = 320;
export const HEIGHT = 180;
export const FRAMES_PER_SECOND = 24;
const CHUNK = 240;
const MINUTE = 60 * FRAMES_PER_SECOND;

/** Whether an object is there: runs of a length of its own, there half of the time. Objects 1 to 10 are there all the time. */
function isThere(id: number, frame: number): boolean {
  const period = 400 + ((id * 7919) % 9000);
  return id <= 10 || (frame + id * 613) % period < period / 2;
}

/** A box that wanders over the picture. */
function maskOf(id: number, frame: number): MaskLine['objects'][number] {
  const width = 6 + ((id * 37) % 18);
  const height = 6 + ((id * 53) % 18);
  const x = Math.floor(((Math.sin(frame / (90 + id) + id) + 1) / 2) * (WIDTH - width));
  const y = Math.floor(((Math.cos(frame / (70 + id * 2) + id * 2) + 1) / 2) * (HEIGHT - height));
  const counts = new Uint32Array(2 * width + 1);
  counts[0] = x * HEIGHT + y;
  for (let i = 0; i < width; i++) {
    counts[2 * i + 1] = height;
    counts[2 * i + 2] = HEIGHT - height;
  }
  counts[2 * width] = WIDTH * HEIGHT - counts[0] - (width - 1) * HEIGHT - height;
  return { id, score: 0.5 + ((id * 17) % 50) / 100, bbox: [x, y, width, height], area: width * height, segmentation: { size: [HEIGHT, WIDTH], counts: rleToCocoString({ width: WIDTH, height: HEIGHT, counts }) } };
}

async function* masksOf(frames: number, objects: number): AsyncGenerator<MaskLine> {
  // The ways repeat every minute, as the film does; when an object is there does not.
  const places = Array.from({ length: Math.min(frames, MINUTE) }, (_, frame) => Array.from({ length: objects }, (_, i) => maskOf(i + 1, frame)));
  for (let frame = 0; frame < frames; frame++) {
    const seen = places[frame % MINUTE]!.filter(({ id }) => isThere(id, frame));
    yield { frame, time: Math.round((frame / FRAMES_PER_SECOND) * 1e6) / 1e6, objects: seen };
  }
}

/** Every object that is there on both sides of a border was joined; one border in ten has an ambiguous pair. */
function reportOf(frames: number, objects: number): StitchReport {
  const chunks = Array.from({ length: Math.ceil(frames / CHUNK) }, (_, index) => ({ index, firstFrame: Math.max(0, index * CHUNK - 16), lastFrame: Math.min(frames, (index + 1) * CHUNK) - 1, ownedFirstFrame: index * CHUNK, ownedLastFrame: Math.min(frames, (index + 1) * CHUNK) - 1 }));
  const evidence = { volumeIou: 0.9, jointIou: 0.9, jointFrames: 16, commonFrames: 16, agreeingFrames: 16, frameIous: [0.9], leftInRight: 0.95, rightInLeft: 0.95, centroidDistance: 0.5, areaRatio: 0.98, appearance: 0.95, score: 0.92 };
  const joins: StitchReport['joins'] = [];
  for (const { index, ownedFirstFrame: at } of chunks.slice(1)) {
    for (let id = 1; id <= objects; id++)
      if (isThere(id, at) && isThere(id, at - 8)) joins.push({ boundary: index - 1, left: id, right: id, leftGlobalId: id, rightGlobalId: id, decision: 'joined', reason: 'same pixels', cutFrame: at - 8, evidence });
    if (index % 10 === 0) joins.push({ boundary: index - 1, left: 1, right: 2, leftGlobalId: 1, rightGlobalId: 2, decision: 'ambiguous', reason: 'a rival fits almost as well', cutFrame: null, evidence });
  }
  return {
    schemaVersion: 2,
    options: { stitchIouThresh: 0.5, stitchLowIouThresh: 0.2, stitchMargin: 0.1, reidentify: false, reidentifyThresh: 0.75, reidentifyGap: 240 },
    counts: { joined: joins.length, ambiguous: 0, rejected: 0, refused: 0, splits: 0, merges: 0, reidentified: 0, suggested: 0, dropped: 0 },
    chunks,
    borders: [],
    objects: [],
    joins,
    lineage: [],
    reidentifications: [],
    dropped: [],
  };
}

/** One minute of a test picture, again and again. A key frame every ten seconds, as at the borders of chunks. */
async function writeFilm(film: string, minutes: number): Promise<void> {
  const { ffmpeg } = await findFfmpeg();
  const run = async (...args: string[]): Promise<void> => void (await promisify(execFile)(ffmpeg, ['-v', 'error', '-nostdin', '-y', ...args]));
  const minute = `${film}.minute.mp4`;
  await run('-f', 'lavfi', '-i', `testsrc2=size=${WIDTH}x${HEIGHT}:rate=${FRAMES_PER_SECOND}:duration=60`, '-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '34', '-bf', '0', '-g', String(CHUNK), '-pix_fmt', 'yuv420p', minute);
  await run('-stream_loop', String(minutes - 1), '-i', minute, '-c', 'copy', '-movflags', '+faststart', film);
  await rm(minute);
}

/** Writes the page, the mask files and the film (320 x 180, 24 frames per second) of a made-up long result. Returns the frames. */
export async function writeLongResult(folder: string, { minutes, objects }: LongResult): Promise<number> {
  const frames = minutes * 60 * FRAMES_PER_SECOND;
  await mkdir(join(folder, 'viewer'), { recursive: true });
  await writeFilm(join(folder, 'viewer', 'preview.mp4'), minutes);
  const report = reportOf(frames, objects);
  await buildViewer({
    resultSummary: { title: `${minutes} minutes, ${objects} objects`, width: WIDTH, height: HEIGHT, seams: report.chunks.slice(1).map((chunk) => chunk.ownedFirstFrame), stitchReport: report },
    masks: masksOf(frames, objects),
    writeFile: (name, content) => writeFile(join(folder, name), content),
  });
  return frames;
}
