import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readImageRgb } from '../../../adapters/png/png';
import type { RgbImage } from '../../../contracts/segmenter';

const FIXTURES = join(__dirname, '../../fixtures');

/** A JSON golden file of infra/export, plain or gzip'd. */
export function readGolden<T>(name: string): T {
  const bytes = readFileSync(join(FIXTURES, 'golden', name));
  return JSON.parse((name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()) as T;
}

/** A picture of test/fixtures, as the golden files name it: frames/blocks.png. */
export function readFixtureImage(name: string): Promise<RgbImage> {
  return readImageRgb(join(FIXTURES, name));
}

/** Every stride-th value of a tensor, with sums over all of it. */
export interface TensorSamples {
  readonly shape: readonly number[];
  readonly stride: number;
  readonly sum: number;
  readonly sumAbs: number;
  readonly values: readonly number[];
}

/** Largest difference between the samples and a tensor of ours. */
export function maxDifference(actual: ArrayLike<number>, golden: TensorSamples): number {
  let largest = 0;
  golden.values.forEach((value, i) => (largest = Math.max(largest, Math.abs(actual[i * golden.stride]! - value))));
  return largest;
}
