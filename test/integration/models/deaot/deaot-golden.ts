import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeaotSettings } from '../../../../contracts/deaot-network';
import type { Rle } from '../../../../core/mask/types';
import { parseBundleManifest, type ResolvedBundle } from '../../../../models/bundles';
import { createDeaotModel, type DeaotModel } from '../../../../models/deaot/deaot-model';

export { goldenImage, largestDifference } from '../sam2-golden';

/** What infra/export/deaot/golden.py wrote: tiny bundles with random weights, and the results of the Python original. The clip is that of SAM 2. */
const GOLDEN = join(__dirname, '../../../golden/deaot');

/** Longest side of the network's input; the clip is smaller. */
export const LONG_EDGE = 1040;

export function goldenBundle(name: string): ResolvedBundle {
  const directory = join(GOLDEN, name);
  const { manifest, sha256 } = parseBundleManifest(readFileSync(join(directory, 'bundle.json'), 'utf8'), 'the tiny bundle');
  return { name: manifest.name, sha256, manifest, directory };
}

export function openGolden(name: string): Promise<DeaotModel> {
  return createDeaotModel(goldenBundle(name), LONG_EDGE, { intraOpThreads: 1 });
}

/** Where some numbers of golden.json lie in floats.bin: offset and length. */
export type Span = readonly [number, number];

export interface GoldenObject {
  readonly object: number;
  /** Run lengths of the mask at the size of the picture. */
  readonly counts: readonly number[];
}

export interface GoldenLine {
  readonly frame: number;
  readonly given: readonly GoldenObject[];
  readonly removed: readonly number[];
  readonly tracked?: readonly GoldenObject[];
  /** Of each group: background and the identities that were ever used, every other row. */
  readonly logits?: readonly Span[];
  /** Newest short-term memory of each group. */
  readonly memory?: readonly Span[];
  /** Frames in the long-term memory of each group. */
  readonly long: readonly (readonly number[])[];
}

export const golden = JSON.parse(readFileSync(join(GOLDEN, 'golden.json'), 'utf8')) as {
  readonly width: number;
  readonly height: number;
  /** Every eighth pixel of the network's input for the first frame. */
  readonly input: { readonly pixels: Span };
  readonly runs: Readonly<Record<string, { readonly bundle: string; readonly settings: Partial<DeaotSettings>; readonly lines: readonly GoldenLine[] }>>;
};

const bytes = readFileSync(join(GOLDEN, 'floats.bin'));
const floats = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));

export function spanOf([offset, length]: Span): Float32Array {
  return floats.subarray(offset, offset + length);
}

export function goldenRle(counts: readonly number[]): Rle {
  return { width: golden.width, height: golden.height, counts: Uint32Array.from(counts) };
}
