import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readImageRgb } from '../../../adapters/png/png';
import type { Sam2Settings } from '../../../contracts/sam2-network';
import type { RgbImage } from '../../../contracts/segmenter';
import type { Rle } from '../../../core/mask/types';
import { parseBundleManifest, type ResolvedBundle } from '../../../models/bundles';
import { createSam2Model, type Sam2Model } from '../../../models/sam2/sam2-model';

/** What infra/export/sam2/golden.py wrote: frames, a tiny bundle with random weights, and the results of the Python original. */
const GOLDEN_SAM2 = join(__dirname, '../../golden/sam2');

export function goldenBundle(): ResolvedBundle {
  const directory = join(GOLDEN_SAM2, 'bundle');
  const { manifest, sha256 } = parseBundleManifest(readFileSync(join(directory, 'bundle.json'), 'utf8'), 'the tiny bundle');
  return { name: manifest.name, sha256, manifest, directory };
}

export function openGoldenSam2(): Promise<Sam2Model> {
  return createSam2Model(goldenBundle(), goldenBundle().manifest.inputSizes[0]!, { intraOpThreads: 1 });
}

/** Where some numbers of golden.json lie in floats.bin: offset and length. */
export type Span = readonly [number, number];

export interface GoldenObject {
  readonly object: number;
  readonly isConditioning: boolean;
  readonly logits: Span;
  readonly memory: Span;
  readonly pointer: Span;
  readonly objectScore: number;
  /** Run lengths of the mask at the size of the picture. */
  readonly counts?: readonly number[];
}

export interface GoldenLine {
  readonly frame: number;
  readonly given: readonly { readonly object: number; readonly counts: readonly number[] }[];
  readonly tracked: readonly GoldenObject[];
  /** Objects that were followed already and were given a mask on this frame. */
  readonly corrected: readonly GoldenObject[];
  readonly removed: readonly number[];
}

export interface GoldenPrompt {
  readonly points: readonly (readonly number[])[];
  readonly labels: readonly number[];
  readonly masks: Span;
  readonly scores: Span;
  readonly maskInput?: Span;
}

export const golden = JSON.parse(readFileSync(join(GOLDEN_SAM2, 'golden.json'), 'utf8')) as {
  readonly width: number;
  readonly height: number;
  readonly runs: Readonly<Record<'forward' | 'backward' | 'other rules', { readonly reverse: boolean; readonly settings: Partial<Sam2Settings>; readonly lines: readonly GoldenLine[] }>>;
  readonly prompts: readonly GoldenPrompt[];
};

const bytes = readFileSync(join(GOLDEN_SAM2, 'floats.bin'));
const floats = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));

export function spanOf([offset, length]: Span): Float32Array {
  return floats.subarray(offset, offset + length);
}

export function goldenRle(counts: readonly number[]): Rle {
  return { width: golden.width, height: golden.height, counts: Uint32Array.from(counts) };
}

export function goldenImage(position: number): Promise<RgbImage> {
  return readImageRgb(join(GOLDEN_SAM2, `frame-${String(position).padStart(2, '0')}.png`));
}

/** @throws when the two have different lengths */
export function largestDifference(ours: Float32Array, theirs: Float32Array): number {
  expect(ours).toHaveLength(theirs.length);
  return ours.reduce((worst, value, i) => Math.max(worst, Math.abs(value - theirs[i]!)), 0);
}
