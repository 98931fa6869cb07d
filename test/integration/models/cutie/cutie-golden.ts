import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CutieSettings } from '../../../../contracts/cutie-network';
import type { Rle } from '../../../../core/mask/types';
import { parseBundleManifest, type ResolvedBundle } from '../../../../models/bundles';

export { goldenImage, largestDifference } from '../sam2-golden';

/** What infra/export/cutie/golden.py wrote: a tiny bundle with random weights, and the results of the Python original. */
const GOLDEN_CUTIE = join(__dirname, '../../../golden/cutie');

export function goldenBundle(): ResolvedBundle {
  const directory = join(GOLDEN_CUTIE, 'bundle');
  const { manifest, sha256 } = parseBundleManifest(readFileSync(join(directory, 'bundle.json'), 'utf8'), 'the tiny bundle');
  return { name: manifest.name, sha256, manifest, directory };
}

/** Where some numbers of golden.json lie in floats.bin: offset and length. */
export type Span = readonly [number, number];

export interface GoldenMask {
  readonly object: number;
  /** Run lengths of the mask at the size of the picture. */
  readonly counts: readonly number[];
}

export interface GoldenMemory {
  readonly objects: readonly { readonly id: number; readonly sensory: Span; readonly summaries: Span }[];
  /** Tokens by store (long-term, first frame, last frames), one after the other. */
  readonly buckets: readonly { readonly objects: readonly number[]; readonly sizes: readonly number[]; readonly keys: Span; readonly shrinkage: Span; readonly values: readonly Span[]; readonly usage: readonly Span[] }[];
}

export interface GoldenLine {
  readonly frame: number;
  readonly given: readonly GoldenMask[];
  /** Objects that were moved to the frame. */
  readonly known: readonly number[];
  readonly logits: Span | null;
  readonly found: readonly GoldenMask[];
  readonly removed: readonly number[];
  readonly memory?: GoldenMemory;
}

export const golden = JSON.parse(readFileSync(join(GOLDEN_CUTIE, 'golden.json'), 'utf8')) as {
  readonly width: number;
  readonly height: number;
  readonly runs: Readonly<Record<string, { readonly settings: CutieSettings; readonly lines: readonly GoldenLine[] }>>;
};

const bytes = readFileSync(join(GOLDEN_CUTIE, 'floats.bin'));
const floats = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));

export function spanOf([offset, length]: Span): Float32Array {
  return floats.subarray(offset, offset + length);
}

export function goldenRle(counts: readonly number[]): Rle {
  return { width: golden.width, height: golden.height, counts: Uint32Array.from(counts) };
}
