import type { Rational } from '../../contracts/video-info';

/**
 * The least Matroska that carries raw RGB or RGBA frames with exact timestamps into ffmpeg's standard input. Plain rawvideo has no
 * timestamps, so variable frame rate would be lost. One cluster per frame; times in nanoseconds, so rounding to any usual
 * time base gives back the exact tick. Pure.
 */
const ID = {
  ebml: 0x1a45dfa3, docType: 0x4282, docTypeVersion: 0x4287, docTypeReadVersion: 0x4285,
  segment: 0x18538067, info: 0x1549a966, timestampScale: 0x2ad7b1, tracks: 0x1654ae6b, trackEntry: 0xae, trackNumber: 0xd7, trackUid: 0x73c5,
  trackType: 0x83, codecId: 0x86, video: 0xe0, pixelWidth: 0xb0, pixelHeight: 0xba, colourSpace: 0x2eb524,
  cluster: 0x1f43b675, timestamp: 0xe7, blockGroup: 0xa0, block: 0xa1, blockDuration: 0x9b,
} as const;
const UNKNOWN_SIZE = Uint8Array.of(0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);

/** The values of a pixel, a byte each; its length is their number. */
export type RawPixels = 'rgb' | 'rgba';
/** Names that ffmpeg knows them by. */
const COLOUR_SPACE: Readonly<Record<RawPixels, Uint8Array>> = { rgb: Uint8Array.of(0x52, 0x47, 0x42, 24), rgba: new TextEncoder().encode('RGBA') };

/** What stands before the first frame. `width` and `height` in pixels. */
export function rawMatroskaHeader(width: number, height: number, pixels: RawPixels = 'rgb'): Uint8Array {
  const header = element(ID.ebml, concat([element(ID.docType, text('matroska')), element(ID.docTypeVersion, uint(4)), element(ID.docTypeReadVersion, uint(2))]));
  const video = concat([element(ID.pixelWidth, uint(width)), element(ID.pixelHeight, uint(height)), element(ID.colourSpace, COLOUR_SPACE[pixels])]);
  const track = concat([
    element(ID.trackNumber, uint(1)),
    element(ID.trackUid, uint(1)),
    element(ID.trackType, uint(1)),
    element(ID.codecId, text('V_UNCOMPRESSED')),
    element(ID.video, video),
  ]);
  return concat([
    header,
    elementId(ID.segment),
    UNKNOWN_SIZE,
    element(ID.info, element(ID.timestampScale, uint(1))),
    element(ID.tracks, element(ID.trackEntry, track)),
  ]);
}

/**
 * What stands before and after the pixels of one frame. Write `before`, the bytes of the frame, then `after`.
 * @param timeNanoseconds from 0; @param durationNanoseconds from 1.
 */
export function rawMatroskaFrame(timeNanoseconds: bigint, durationNanoseconds: bigint, frameBytes: number): { before: Uint8Array; after: Uint8Array } {
  if (timeNanoseconds < 0n) throw new RangeError('frame times start at 0');
  // Track number 1, time 0 within the cluster, no flags.
  const blockStart = Uint8Array.of(0x81, 0, 0, 0);
  const block = concat([elementId(ID.block), size(blockStart.length + frameBytes), blockStart]);
  const after = element(ID.blockDuration, uint(durationNanoseconds > 0n ? durationNanoseconds : 1n));
  const groupBytes = block.length + frameBytes + after.length;
  const group = concat([elementId(ID.blockGroup), size(groupBytes)]);
  const timestamp = element(ID.timestamp, uint(timeNanoseconds));
  return { before: concat([elementId(ID.cluster), size(timestamp.length + group.length + groupBytes), timestamp, group, block]), after };
}

/** Ticks to nanoseconds, to the nearest; a tick of the time base comes back exactly when it is 2 ns or longer. */
export function ticksToNanoseconds(ticks: number, timeBase: Rational): bigint {
  const den = BigInt(timeBase.den);
  return (2n * BigInt(ticks) * BigInt(timeBase.num) * 1_000_000_000n + den) / (2n * den);
}

function element(id: number, data: Uint8Array): Uint8Array {
  return concat([elementId(id), size(data.length), data]);
}

function elementId(id: number): Uint8Array {
  return bigEndian(BigInt(id));
}

/** Sizes always take eight bytes: simple, and frames may be large. */
function size(bytes: number): Uint8Array {
  const encoded = new Uint8Array(8);
  new DataView(encoded.buffer).setBigUint64(0, BigInt(bytes) | (1n << 56n));
  return encoded;
}

function uint(value: number | bigint): Uint8Array {
  return bigEndian(BigInt(value));
}

function bigEndian(value: bigint): Uint8Array {
  const digits = value.toString(16);
  return Uint8Array.from(Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex'));
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}
