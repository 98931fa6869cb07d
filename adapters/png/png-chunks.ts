import { VamgError } from '../../contracts/errors';

/** The outer layer of PNG: signature and checked chunks. */

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

export interface PngChunk {
  /** Four letters, for example IHDR. */
  readonly type: string;
  readonly data: Uint8Array;
}

/** A whole PNG file from its chunks (IEND is added). */
export function joinChunks(chunks: readonly PngChunk[]): Buffer {
  return Buffer.concat([SIGNATURE, ...[...chunks, { type: 'IEND', data: new Uint8Array(0) }].map(encodeChunk)]);
}

/** Chunks up to IEND. @throws VamgError PoisonImage when it is not PNG, is cut off, or a checksum of a critical chunk is wrong. */
export function splitChunks(file: Uint8Array): PngChunk[] {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (!bytes.subarray(0, 8).equals(SIGNATURE)) throw poisonPng('it does not begin like a PNG file');
  const chunks: PngChunk[] = [];
  for (let offset = 8; offset + 12 <= bytes.length; ) {
    const length = bytes.readUInt32BE(offset);
    const type = bytes.toString('latin1', offset + 4, offset + 8);
    const end = offset + 12 + length;
    if (end > bytes.length) break;
    if (type === 'IEND') return chunks;
    const isCritical = (bytes[offset + 4]! & 0x20) === 0;
    if (isCritical && bytes.readUInt32BE(end - 4) !== crc32(bytes.subarray(offset + 4, end - 4))) throw poisonPng(`its ${type} part has a wrong checksum`);
    chunks.push({ type, data: bytes.subarray(offset + 8, end - 4) });
    offset = end;
  }
  throw poisonPng('it is cut off');
}

/** A PoisonImage error that ends with what to do. */
export function poisonPng(what: string, cause?: unknown): VamgError {
  return new VamgError('PoisonImage', `The PNG mask cannot be read: ${what}. Save it as an 8-bit palette or grayscale PNG.`, cause === undefined ? {} : { cause });
}

function encodeChunk({ type, data }: PngChunk): Buffer {
  const chunk = Buffer.alloc(12 + data.length);
  chunk.writeUInt32BE(data.length, 0);
  chunk.write(type, 4, 'latin1');
  chunk.set(data, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length);
  return chunk;
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = CRC_TABLE[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
