import type { CocoRle, Rle, UncompressedCocoRle } from './types';

/**
 * Run lengths to the compressed string of COCO (`maskApi.c` `rleToString`): from the fourth run on, each value is stored
 * as the difference to the run two places before; values are cut in 5-bit groups, low first, bit 0x20 says more follow,
 * the sign comes from bit 0x10 of the last group, and 48 is added to give a printable character.
 */
export function rleToCocoString(rle: Rle): string {
  const { counts } = rle;
  let bytes = new Uint8Array(counts.length * 3 + 16);
  let n = 0;
  for (let i = 0; i < counts.length; i++) {
    if (n + 8 > bytes.length) {
      const bigger = new Uint8Array(bytes.length * 2);
      bigger.set(bytes);
      bytes = bigger;
    }
    let value = counts[i]! - (i > 2 ? counts[i - 2]! : 0);
    for (;;) {
      const group = value & 0x1f;
      value = Math.floor(value / 32);
      const done = group & 0x10 ? value === -1 : value === 0;
      bytes[n++] = (done ? group : group | 0x20) + 48;
      if (done) break;
    }
  }
  return asciiToString(bytes.subarray(0, n));
}

function asciiToString(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return text;
}

/**
 * Compressed COCO string to canonical run lengths of a width x height mask. Throws RangeError for a character outside
 * '0'..'o', a value that is cut off, a negative run, or runs that do not add up to width*height.
 */
export function cocoStringToRle(text: string, width: number, height: number): Rle {
  checkSize(width, height);
  const runs = new Uint32Array(text.length);
  let n = 0;
  let at = 0;
  while (at < text.length) {
    let value = 0;
    let scale = 1;
    let group: number;
    do {
      if (at >= text.length) throw new RangeError(`RLE string ends in the middle of run ${n}`);
      if (scale > 2 ** 40) throw new RangeError(`RLE string: run ${n} is too long`);
      group = text.charCodeAt(at) - 48;
      if (!(group >= 0 && group < 64)) throw new RangeError(`RLE string has a bad character at ${at}: ${JSON.stringify(text[at])}`);
      value += (group & 0x1f) * scale;
      scale *= 32;
      at++;
    } while (group & 0x20);
    if (group & 0x10) value -= scale;
    if (n > 2) value += runs[n - 2]!;
    if (value < 0 || value > 0xffffffff) throw new RangeError(`RLE string: run ${n} has the impossible length ${value}`);
    runs[n++] = value;
  }
  return runsToRle(runs.subarray(0, n), width, height);
}

/**
 * Checked, canonical RLE from any list of run lengths (zeros first): zero runs inside are merged away. Throws RangeError
 * when a length is not a non-negative integer or the sum is not width*height.
 */
export function runsToRle(runs: ArrayLike<number>, width: number, height: number): Rle {
  checkSize(width, height);
  const counts = new Uint32Array(runs.length + 1);
  let n = 0; // runs written; run n-1 is the open one and has value (n-1)&1
  let sum = 0;
  for (let i = 0; i < runs.length; i++) {
    const length = runs[i]!;
    if (!Number.isInteger(length) || length < 0) throw new RangeError(`RLE run ${i} is not a non-negative integer: ${length}`);
    sum += length;
    if (n === 0) {
      if (i === 0) counts[n++] = length;
    } else if (length > 0) {
      if (((n - 1) & 1) === (i & 1)) counts[n - 1]! += length;
      else counts[n++] = length;
    }
  }
  if (n === 0) n = 1;
  if (sum !== width * height) throw new RangeError(`RLE runs add up to ${sum}, a ${width}x${height} mask needs ${width * height}`);
  return { width, height, counts: counts.slice(0, n) };
}

function checkSize(width: number, height: number): void {
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 0 || height < 0 || width * height > 0xffffffff)
    throw new RangeError(`RLE size ${width}x${height} is not possible`);
}

/** To the JSON form {size: [height, width], counts: string}. */
export function toCocoRle(rle: Rle): CocoRle {
  return { size: [rle.height, rle.width], counts: rleToCocoString(rle) };
}

/** From the JSON form. Throws RangeError when malformed (see `cocoStringToRle`). */
export function fromCocoRle(coco: CocoRle): Rle {
  return cocoStringToRle(coco.counts, coco.size[1], coco.size[0]);
}

/** To the uncompressed JSON form {size: [height, width], counts: number[]}. */
export function toUncompressedCocoRle(rle: Rle): UncompressedCocoRle {
  return { size: [rle.height, rle.width], counts: Array.from(rle.counts) };
}

/** From the uncompressed JSON form. Throws RangeError when malformed (see `runsToRle`). */
export function fromUncompressedCocoRle(coco: UncompressedCocoRle): Rle {
  return runsToRle(coco.counts, coco.size[1], coco.size[0]);
}
