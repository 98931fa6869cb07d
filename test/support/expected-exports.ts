import { encodeRle, decodeRle, rleToBoxXywh } from '../../core/mask/rle';
import { rleToCocoString } from '../../core/mask/rle-string';
import type { Bitmask, Rle } from '../../core/mask/types';
import { labelMapToRles, rlesToLabelMap } from '../../core/metrics/label-map';
import { frameOf, type MadeUpResult } from './result-folder';

/** {frame: {id: value}}, as the readers answer. */
export type Read = Record<string, Record<string, unknown>>;

interface Naming {
  /** Name of a frame by its position; default: its number in the video. */
  readonly frame?: (position: number) => number;
  /** Name of an object; null leaves it out. */
  readonly id?: (id: number) => number | null;
  /** Whether frames without objects are listed. */
  readonly emptyFrames?: boolean;
}

function expectFrames(result: MadeUpResult, masksOf: (masks: ReadonlyMap<number, Rle>) => ReadonlyMap<number, unknown>, { frame = (position) => frameOf(result, position), id = (own) => own, emptyFrames = false }: Naming): Read {
  const read: Read = {};
  result.frames.forEach((masks, position) => {
    const objects = [...masksOf(masks)].flatMap(([own, value]) => (id(own) === null ? [] : [[String(id(own)), value] as const]));
    if (objects.length > 0 || emptyFrames) read[String(frame(position))] = Object.fromEntries(objects);
  });
  return read;
}

const encoded = (masks: ReadonlyMap<number, Rle>): Map<number, string> => new Map([...masks].map(([id, rle]) => [id, rleToCocoString(rle)]));

/** Every mask as it is. */
export function expectWhole(result: MadeUpResult, naming: Naming = {}): Read {
  return expectFrames(result, encoded, naming);
}

/** A pixel belongs to the smallest mask on it, and of equal ones to the lower ID. */
export function expectFlat(result: MadeUpResult, naming: Naming = {}): Read {
  return expectFrames(result, (masks) => encoded(labelMapToRles(rlesToLabelMap(masks, result.width, result.height))), naming);
}

/** Boxes as [x, y, width, height]. */
export function expectBoxes(result: MadeUpResult, naming: Naming = {}): Read {
  return expectFrames(result, (masks) => new Map([...masks].map(([id, rle]) => [id, rleToBoxXywh(rle)])), naming);
}

/** The largest piece of every mask with its holes filled. */
export function expectOutlines(result: MadeUpResult, naming: Naming = {}): Read {
  return expectFrames(result, (masks) => encoded(new Map([...masks].map(([id, rle]) => [id, encodeRle(fillLargestPiece(decodeRle(rle)))]))), naming);
}

/** By flooding: the largest 4-connected piece, and what the outside (8-connected) does not reach. */
export function fillLargestPiece({ width, height, data }: Bitmask): Bitmask {
  const seen = new Uint8Array(data.length);
  let largest: number[] = [];
  for (let i = 0; i < data.length; i++) {
    if (data[i] === 0 || seen[i] === 1) continue;
    const piece = flood(width, height, [i], false, (p) => data[p] === 1, seen);
    if (piece.length > largest.length) largest = piece;
  }
  const inPiece = new Set(largest);
  const border = Array.from({ length: data.length }, (_, p) => p).filter((p) => !inPiece.has(p) && (p % width === 0 || p % width === width - 1 || p < width || p >= width * (height - 1)));
  const outside = new Uint8Array(data.length);
  flood(width, height, border, true, (p) => !inPiece.has(p), outside);
  return { width, height, data: outside.map((value) => value ^ 1) };
}

function flood(width: number, height: number, from: readonly number[], diagonal: boolean, isIn: (p: number) => boolean, seen: Uint8Array): number[] {
  const found: number[] = [];
  const queue = [...from];
  for (const p of queue) seen[p] = 1;
  while (queue.length > 0) {
    const p = queue.pop()!;
    found.push(p);
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        if (!diagonal && dx !== 0 && dy !== 0) continue;
        const [x, y] = [(p % width) + dx, Math.floor(p / width) + dy];
        const next = y * width + x;
        if (x < 0 || y < 0 || x >= width || y >= height || seen[next] === 1 || !isIn(next)) continue;
        seen[next] = 1;
        queue.push(next);
      }
    }
  }
  return found;
}
