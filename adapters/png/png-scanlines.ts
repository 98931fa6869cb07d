import { poisonPng } from './png-chunks';

/**
 * Undo the filters of PNG rows (in place) and unpack one-channel samples of 1 to 16 bits.
 * @param rows height rows, each a filter byte and ceil(width * bitDepth / 8) bytes.
 * @throws VamgError PoisonImage for an unknown filter.
 */
export function unpackScanlines(rows: Uint8Array, width: number, height: number, bitDepth: number): Uint8Array | Uint16Array {
  const stride = 1 + Math.ceil((width * bitDepth) / 8);
  const sampleBytes = bitDepth === 16 ? 2 : 1;
  const data = bitDepth === 16 ? new Uint16Array(width * height) : new Uint8Array(width * height);
  let above: Uint8Array = new Uint8Array(stride - 1);
  for (let y = 0; y < height; y++) {
    const row = rows.subarray(y * stride + 1, (y + 1) * stride);
    unfilter(rows[y * stride]!, row, above, sampleBytes);
    unpackRow(row, data, y * width, width, bitDepth);
    above = row;
  }
  return data;
}

function unfilter(filter: number, row: Uint8Array, above: Uint8Array, sampleBytes: number): void {
  if (filter === 0) return;
  if (filter > 4) throw poisonPng('it uses an unknown filter');
  for (let i = 0; i < row.length; i++) {
    const left = i >= sampleBytes ? row[i - sampleBytes]! : 0;
    const up = above[i]!;
    if (filter === 1) row[i]! += left;
    else if (filter === 2) row[i]! += up;
    else if (filter === 3) row[i]! += (left + up) >> 1;
    else row[i]! += paeth(left, up, i >= sampleBytes ? above[i - sampleBytes]! : 0);
  }
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [toLeft, toUp, toCorner] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

function unpackRow(row: Uint8Array, data: Uint8Array | Uint16Array, at: number, width: number, bitDepth: number): void {
  if (bitDepth === 8) {
    data.set(row, at);
  } else if (bitDepth === 16) {
    for (let x = 0; x < width; x++) data[at + x] = (row[x * 2]! << 8) | row[x * 2 + 1]!;
  } else {
    const perByte = 8 / bitDepth;
    const mask = (1 << bitDepth) - 1;
    for (let x = 0; x < width; x++) {
      const shift = 8 - bitDepth * ((x % perByte) + 1);
      data[at + x] = (row[Math.floor(x / perByte)]! >> shift) & mask;
    }
  }
}
