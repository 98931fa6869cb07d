import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readImageRgb } from '../../adapters/png/png';
import type { Sam2Settings } from '../../contracts/sam2-network';
import type { RgbImage } from '../../contracts/segmenter';
import type { Rle } from '../../core/mask/types';
import { parseBundleManifest, type ResolvedBundle } from '../../models/bundles';
import { createSam2Model, type Sam2Model } from '../../models/sam2/sam2-model';

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

export interface GoldenRun {
  readonly reverse: boolean;
  readonly settings: Partial<Sam2Settings>;
  readonly lines: readonly GoldenLine[];
}

interface GoldenFile {
  readonly width: number;
  readonly height: number;
  readonly runs: Readonly<Record<string, GoldenRun>>;
  readonly prompts: readonly GoldenPrompt[];
}

/** What golden.py in infra/export/sam2 or infra/export/edgetam wrote to a folder: a bundle with random weights, and the results of the Python original. */
export class Sam2Golden {
  readonly runs: GoldenFile['runs'];
  readonly prompts: GoldenFile['prompts'];
  /** Of the picture. */
  readonly size: { readonly width: number; readonly height: number };
  private readonly directory: string;
  private readonly floats: Float32Array;

  /** @param frames folder with the drawn clip, frame-00.png and so on */
  constructor(
    folder: string,
    private readonly frames: string,
  ) {
    const { width, height, runs, prompts } = JSON.parse(readFileSync(join(folder, 'golden.json'), 'utf8')) as GoldenFile;
    const bytes = readFileSync(join(folder, 'floats.bin'));
    this.floats = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    this.directory = join(folder, 'bundle');
    this.size = { width, height };
    this.runs = runs;
    this.prompts = prompts;
  }

  /** @param variant `v2.0-` is the bundle of SAM 2.0, which shares files with that of 2.1 */
  bundle(variant: '' | 'v2.0-' = ''): ResolvedBundle {
    const { manifest, sha256 } = parseBundleManifest(readFileSync(join(this.directory, `${variant}bundle.json`), 'utf8'), 'bundle');
    return { name: manifest.name, sha256, manifest, directory: this.directory };
  }

  open(variant: '' | 'v2.0-' = ''): Promise<Sam2Model> {
    const bundle = this.bundle(variant);
    return createSam2Model(bundle, bundle.manifest.inputSizes[0]!, { intraOpThreads: 1 });
  }

  span([offset, length]: Span): Float32Array {
    return this.floats.subarray(offset, offset + length);
  }

  rle(counts: readonly number[]): Rle {
    return { ...this.size, counts: Uint32Array.from(counts) };
  }

  image(position: number): Promise<RgbImage> {
    return readImageRgb(join(this.frames, `frame-${String(position).padStart(2, '0')}.png`));
  }
}
