import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rle } from '../../../core/mask/types';
import { parseBundleManifest, type ResolvedBundle } from '../../../models/bundles';

/** Where some numbers of golden.json lie in floats.bin: offset and length. */
export type Span = readonly [number, number];

export interface GoldenMask {
  readonly object: number;
  /** Run lengths of the mask at the size of the picture. */
  readonly counts: readonly number[];
}

export interface GoldenMemory {
  /** What is remembered of each object besides its tokens, by the names of the family. */
  readonly objects: readonly ({ readonly id: number } & Readonly<Record<string, Span>>)[];
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

interface GoldenFile<Settings> {
  readonly width: number;
  readonly height: number;
  readonly runs: Readonly<Record<string, { readonly settings: Settings; readonly lines: readonly GoldenLine[] }>>;
}

/** What golden.py in infra/export/cutie or infra/export/xmem wrote: a tiny bundle with random weights, and the results of the Python program. */
export class TokenGolden<Settings> {
  readonly runs: GoldenFile<Settings>['runs'];
  private readonly size: { readonly width: number; readonly height: number };
  private readonly directory: string;
  private readonly floats: Float32Array;

  constructor(family: 'cutie' | 'xmem') {
    const folder = join(__dirname, '../../golden', family);
    const { width, height, runs } = JSON.parse(readFileSync(join(folder, 'golden.json'), 'utf8')) as GoldenFile<Settings>;
    const bytes = readFileSync(join(folder, 'floats.bin'));
    this.floats = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    this.directory = join(folder, 'bundle');
    this.size = { width, height };
    this.runs = runs;
  }

  bundle(): ResolvedBundle {
    const { manifest, sha256 } = parseBundleManifest(readFileSync(join(this.directory, 'bundle.json'), 'utf8'), 'the tiny bundle');
    return { name: manifest.name, sha256, manifest, directory: this.directory };
  }

  span([offset, length]: Span): Float32Array {
    return this.floats.subarray(offset, offset + length);
  }

  rle(counts: readonly number[]): Rle {
    return { ...this.size, counts: Uint32Array.from(counts) };
  }

  /** Objects as they are given to a tracker. */
  given(masks: readonly GoldenMask[]): { objectId: number; rle: Rle; score: number }[] {
    return masks.map(({ object, counts }) => ({ objectId: object, rle: this.rle(counts), score: 1 }));
  }
}
