import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rle } from '../../core/mask/types';
import { parseBundleManifest, type ResolvedBundle } from '../../models/bundles';

/** Where some numbers of golden.json lie in floats.bin: offset and length. */
export type Span = readonly [number, number];

/** An object and its mask at the size of the picture, as run lengths. */
export interface GoldenMask {
  readonly object: number;
  readonly counts: readonly number[];
}

/** What a golden.py below infra/export wrote to a folder: golden.json, its numbers, and bundles with random weights. */
export class GoldenFolder<File extends { readonly width: number; readonly height: number }> {
  readonly file: File;
  /** Of the picture. */
  readonly size: { readonly width: number; readonly height: number };
  private readonly floats: Float32Array;

  constructor(private readonly folder: string) {
    this.file = JSON.parse(readFileSync(join(folder, 'golden.json'), 'utf8')) as File;
    this.size = { width: this.file.width, height: this.file.height };
    const bytes = readFileSync(join(folder, 'floats.bin'));
    this.floats = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  }

  /** The bundle in a folder below it. */
  bundleIn(name: string, manifestFile = 'bundle.json'): ResolvedBundle {
    const directory = join(this.folder, name);
    const { manifest, sha256 } = parseBundleManifest(readFileSync(join(directory, manifestFile), 'utf8'), 'the golden bundle');
    return { name: manifest.name, sha256, manifest, directory };
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
