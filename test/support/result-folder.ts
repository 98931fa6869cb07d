import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { encodeRle, rleArea, rleToBoxXywh } from '../../core/mask/rle';
import { toCocoRle } from '../../core/mask/rle-string';
import type { Rle } from '../../core/mask/types';

/** A small result as a test makes it up. */
export interface MadeUpResult {
  readonly width: number;
  readonly height: number;
  readonly firstFrame: number;
  readonly frameStep: number;
  readonly videoName: string;
  readonly labels: ReadonlyMap<number, string>;
  /** One map per processed frame: ID -> mask. */
  readonly frames: readonly ReadonlyMap<number, Rle>[];
}

/** A mask from the pixels for which `isSet` holds. */
export function maskOf(width: number, height: number, isSet: (x: number, y: number) => boolean): Rle {
  const data = Uint8Array.from({ length: width * height }, (_, i) => (isSet(i % width, Math.floor(i / width)) ? 1 : 0));
  return encodeRle({ width, height, data });
}

/** Number in the video of a processed frame. */
export function frameOf({ firstFrame, frameStep }: Pick<MadeUpResult, 'firstFrame' | 'frameStep'>, position: number): number {
  return firstFrame + position * frameStep;
}

export function scoreOf(id: number, position: number): number {
  return Number((0.5 + ((id * 7 + position) % 50) / 100).toFixed(4));
}

/** Write masks.jsonl and the part of result.json that exports read. */
export function writeResultFolder(folder: string, result: MadeUpResult): void {
  const { width, height, firstFrame, frameStep, videoName, labels, frames } = result;
  mkdirSync(folder, { recursive: true });
  const lines = frames.map((masks, position) => {
    const objects = [...masks].map(([id, rle]) => ({ id, score: scoreOf(id, position), bbox: rleToBoxXywh(rle), area: rleArea(rle), segmentation: toCocoRle(rle) }));
    return JSON.stringify({ frame: frameOf(result, position), time: frameOf(result, position) / 25, objects });
  });
  writeFileSync(path.join(folder, 'masks.jsonl'), `${lines.join('\n')}\n`);
  const ids = [...new Set(frames.flatMap((masks) => [...masks.keys()]))].sort((a, b) => a - b);
  const summary = {
    schemaVersion: 1,
    video: { id: 'made-up', name: videoName, width, height, durationSeconds: 4, frameRate: { num: 25, den: 1 } },
    counts: { objects: ids.length },
    range: { firstFrame, frameStep },
    objects: ids.map((id) => ({ ...figuresOf(id, result), ...(labels.has(id) && { label: labels.get(id) }) })),
  };
  writeFileSync(path.join(folder, 'result.json'), JSON.stringify(summary));
}

/** What result.json says of an object. */
function figuresOf(id: number, result: MadeUpResult): Record<string, number> {
  const seen = result.frames.flatMap((masks, position) => (masks.has(id) ? [{ position, area: rleArea(masks.get(id)!) }] : []));
  const mean = (pick: (one: (typeof seen)[number]) => number): number => seen.reduce((sum, one) => sum + pick(one), 0) / seen.length;
  return {
    id,
    firstFrame: frameOf(result, seen[0]!.position),
    lastFrame: frameOf(result, seen.at(-1)!.position),
    frames: seen.length,
    meanArea: mean(({ area }) => area),
    meanScore: mean(({ position }) => scoreOf(id, position)),
  };
}

const WIDTH = 50;
const HEIGHT = 37;

const box = (x0: number, y0: number, x1: number, y1: number) => (x: number, y: number): boolean => x >= x0 && x < x1 && y >= y0 && y < y1;

/**
 * Everything that makes formats differ: a whole (1, with a hole) with a part on it (2), an object that vanishes twice and returns (3),
 * one in two pieces that touch the corners of the picture (7), two equal masks (9 and 10), one that only comes late (12), an empty
 * frame, IDs with gaps, every third frame from frame 6 on, labels.
 */
export function trickyResult(): MadeUpResult {
  const mask = (isSet: (x: number, y: number) => boolean): Rle => maskOf(WIDTH, HEIGHT, isSet);
  const frames = Array.from({ length: 9 }, (_, t) => {
    const masks = new Map<number, Rle>();
    if (t === 6) return masks;
    const hole = box(12, 10, 15, 13);
    masks.set(10, mask(box(40, 2, 46, 8)));
    masks.set(9, mask(box(40, 2, 46, 8)));
    masks.set(1, mask((x, y) => (x - 14 - t) ** 2 + (y - 14) ** 2 < 120 && !hole(x - t, y)));
    masks.set(2, mask((x, y) => (x - 17 - t) ** 2 + (y - 17) ** 2 < 12));
    if (t !== 2 && t !== 4 && t !== 5) masks.set(3, mask(box(28 + t, 25, 36 + t, 33)));
    masks.set(7, mask((x, y) => (x < 4 && y < 3) || (x >= 44 && y >= 34) || (x === 43 && y === 33)));
    if (t === 8) masks.set(12, mask((x, y) => x === 0 && y === HEIGHT - 1));
    return masks;
  });
  return { width: WIDTH, height: HEIGHT, firstFrame: 6, frameStep: 3, videoName: 'Tricky <film> "1" & more.mp4', labels: new Map([[3, 'car "A" & <B>, é'], [7, 'object']]), frames };
}

/** 1002 objects, more than DAVIS (254) and MOTS (999) hold, the last with an ID above 16 bits. */
export function crowdedResult(): MadeUpResult {
  const ids = [...Array.from({ length: 1001 }, (_, i) => i + 1), 70_000];
  const cell = (i: number): Rle => maskOf(WIDTH, HEIGHT, (x, y) => (y * WIDTH + x === i));
  const whole = maskOf(WIDTH, HEIGHT, (x, y) => y < 20 && x < 25);
  const frames = Array.from({ length: 2 }, (_, t) => new Map(ids.map((id, i) => [id, id === 70_000 ? whole : cell(i + t)] as const)));
  return { width: WIDTH, height: HEIGHT, firstFrame: 0, frameStep: 1, videoName: 'crowd.mov', labels: new Map(), frames };
}
