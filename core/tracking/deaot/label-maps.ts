import { decodeRle, rleFromStarts } from '../../mask/rle';
import type { Rle } from '../../mask/types';

/** Size of a picture or a map, in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Nearest-neighbour resize of a row-major map (PyTorch's `interpolate`, mode nearest). */
export function resizeNearest(map: Uint8Array, from: Size, to: Size): Uint8Array {
  const columns = nearestOf(from.width, to.width);
  const rows = nearestOf(from.height, to.height);
  const out = new Uint8Array(to.width * to.height);
  for (let y = 0, i = 0; y < to.height; y++) {
    const row = rows[y]! * from.width;
    for (let x = 0; x < to.width; x++, i++) out[i] = map[row + columns[x]!]!;
  }
  return out;
}

function nearestOf(from: number, to: number): Int32Array {
  const scale = Math.fround(from / to);
  return Int32Array.from({ length: to }, (_, i) => Math.min(from - 1, Math.floor(Math.fround(i * scale))));
}

/** Pixels of a given mask on a map of another size, ascending. One that falls between them has one pixel. */
export function pixelsOf(rle: Rle, size: Size): Int32Array {
  const { data, width, height } = decodeRle(rle);
  const map = resizeNearest(data, { width, height }, size);
  const pixels: number[] = [];
  map.forEach((inside, i) => inside && pixels.push(i));
  if (pixels.length > 0) return Int32Array.from(pixels);
  const first = data.indexOf(1);
  const column = Math.floor(((first % width) * size.width) / width);
  const row = Math.floor((Math.floor(first / width) * size.height) / height);
  return Int32Array.of(row * size.width + column);
}

/** The mask of every number of a map, 1 to `most`, at index number - 1. */
export function masksOfLabels(labels: Uint8Array, { width, height }: Size, most: number): Rle[] {
  const starts = Array.from({ length: most + 1 }, (): number[] => []);
  let before = 0;
  for (let x = 0, at = 0; x < width; x++)
    for (let y = 0; y < height; y++, at++) {
      const label = labels[y * width + x]!;
      if (label === before) continue;
      starts[before]!.push(at);
      starts[label]!.push(at);
      before = label;
    }
  return starts.slice(1).map((own) => rleFromStarts(own, width, height));
}
