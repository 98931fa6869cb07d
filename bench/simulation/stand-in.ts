import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { DetectionLine, TrackletRecord, TrackLine } from '../../contracts/artefacts';
import { encodeRle } from '../../core/mask/rle';
import { toCocoRle } from '../../core/mask/rle-string';

/** Environment variable with a standInSettingsSchema value as JSON. */
export const STAND_IN_VARIABLE = 'VAMG_STAND_IN';

/** What a stand-in for the networks does: it computes nothing, it only takes time and draws boxes. */
export const standInSettingsSchema = z.strictObject({
  /** Milliseconds that a frame takes to be tracked, and a detection frame to be detected. They are waited, not computed, so that many of them fit on one processor. */
  frameMs: z.number().min(0).default(0),
  detectMs: z.number().min(0).default(0),
  /** Boxes in the picture. */
  objects: z.int().min(1).max(200).default(4),
  /** Whether frames are decoded, as in earnest; without, a frame's hash is that of its number. */
  readFrames: z.boolean().default(true),
  /** File to which a line is added for each attempt that begins and for each frame that is done (TraceLine). */
  trace: z.string().min(1).nullable().default(null),
  /** Frames between two checkpoints of tracking. */
  checkpointFrames: z.int().min(1).default(8),
});
export type StandInSettings = z.output<typeof standInSettingsSchema>;

/** What a trace tells: which attempt began after how many lines, and which frame it has done, each with its place in the processed frames. */
export interface TraceLine {
  readonly atMs: number;
  readonly pid: number;
  readonly video: string;
  readonly stage: 'detect' | 'track';
  /** First position of the chunk. */
  readonly chunk: number;
  readonly event: 'begin' | 'frame';
  /** begin: lines of its checkpoint. frame: its position. */
  readonly value: number;
}

/** @throws ZodError, SyntaxError */
export function standInSettings(env: NodeJS.ProcessEnv): StandInSettings {
  return standInSettingsSchema.parse(JSON.parse(env[STAND_IN_VARIABLE] ?? '{}'));
}

/** An object is away for the last frames of each of its rounds. */
const ROUND = { frames: 120, away: 14 } as const;

type Size = { readonly width: number; readonly height: number };
type CocoMask = DetectionLine['masks'][number]['rle'];
interface Box {
  readonly index: number;
  readonly rle: CocoMask;
  readonly area: number;
}

/** The boxes of a frame, each in a lane of its own, to and fro; a function of the position alone. */
export function boxesAt(position: number, objects: number, { width, height }: Size): Box[] {
  const lane = Math.max(1, Math.floor(height / objects));
  const side = Math.max(1, Math.floor(Math.min(lane, width / 4)));
  const way = Math.max(1, width - side);
  const boxes: Box[] = [];
  for (let index = 0; index < objects; index++) {
    if ((position + 31 * index) % ROUND.frames >= ROUND.frames - ROUND.away && position >= ROUND.frames) continue;
    const step = (position + 7 * index) % (2 * way);
    const [x0, y0] = [step < way ? step : 2 * way - step, Math.min(index * lane, height - 1)];
    const data = new Uint8Array(width * height);
    for (let y = y0; y < Math.min(height, y0 + side); y++) data.fill(1, y * width + x0, y * width + x0 + side);
    const rle = toCocoRle(encodeRle({ width, height, data })) as CocoMask;
    boxes.push({ index, rle, area: side * (Math.min(height, y0 + side) - y0) });
  }
  return boxes;
}

/** Hash of a frame that is not decoded. */
export function hashOfPosition(position: number): string {
  return createHash('sha256').update(`frame ${position}`).digest('hex').slice(0, 16);
}

export function detectionLine(position: number, hash: string, objects: number, size: Size): DetectionLine {
  return { position, hash, masks: boxesAt(position, objects, size).map(({ rle }) => ({ rle, predictedIou: 0.9, stabilityScore: 0.95, point: [0, 0] })) };
}

type Sums = Omit<TrackletRecord, 'meanArea' | 'confirmed' | 'appearance' | 'parent'> & { areaSum: number };

/**
 * Follows the boxes. The scores hang on every line that went before in the chain of chunks, so that a run which loses or repeats a
 * frame, or goes on from the wrong checkpoint, writes other bytes.
 */
export class StandInTracker {
  private digest = '';
  private sums: Sums[] = [];

  constructor(
    private readonly objects: number,
    private readonly firstFreeId: number,
    private readonly size: Size,
  ) {}

  line(position: number, hash: string): TrackLine {
    this.digest = createHash('sha256').update(`${this.digest} ${position} ${hash}`).digest('hex');
    const score = Math.round((0.9 + parseInt(this.digest.slice(0, 4), 16) / 1e6) * 1e4) / 1e4;
    const boxes = boxesAt(position, this.objects, this.size);
    return { position, hash, objects: boxes.map((box) => ({ localId: this.count(box, position), score, rle: box.rle })) };
  }

  private count({ index, area }: Box, position: number): number {
    const localId = this.firstFreeId + index;
    let sums = this.sums.find((one) => one.localId === localId);
    if (sums === undefined) this.sums.push((sums = { localId, firstPosition: position, lastPosition: position, frames: 0, firstArea: area, areaSum: 0 }));
    sums.lastPosition = position;
    sums.frames++;
    sums.areaSum += area;
    return localId;
  }

  tracklets(): TrackletRecord[] {
    return this.sums.map(({ areaSum, ...rest }) => ({ ...rest, meanArea: areaSum / rest.frames, confirmed: true, appearance: [], parent: null }));
  }

  snapshot(): Uint8Array {
    return Buffer.from(JSON.stringify({ digest: this.digest, sums: this.sums }));
  }

  restore(bytes: Uint8Array): void {
    ({ digest: this.digest, sums: this.sums } = JSON.parse(Buffer.from(bytes).toString()) as { digest: string; sums: Sums[] });
  }
}
