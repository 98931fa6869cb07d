import { join } from 'node:path';
import { readImageRgb } from '../../adapters/png/png';
import type { Sam2Settings } from '../../contracts/sam2-network';
import type { RgbImage } from '../../contracts/segmenter';
import type { ResolvedBundle } from '../../models/bundles';
import { createSam2Model, type Sam2Model } from '../../models/sam2/sam2-model';
import { GoldenFolder, type GoldenMask, type Span } from './golden-folder';

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
  readonly given: readonly GoldenMask[];
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

/** What golden.py in infra/export/sam2 or infra/export/edgetam wrote to a folder. */
export class Sam2Golden extends GoldenFolder<GoldenFile> {
  /** @param frames folder with the drawn clip, frame-00.png and so on */
  constructor(
    folder: string,
    private readonly frames: string,
  ) {
    super(folder);
  }

  get runs(): GoldenFile['runs'] {
    return this.file.runs;
  }

  get prompts(): GoldenFile['prompts'] {
    return this.file.prompts;
  }

  /** @param variant `v2.0-` is the bundle of SAM 2.0, which shares files with that of 2.1 */
  bundle(variant: '' | 'v2.0-' = ''): ResolvedBundle {
    return this.bundleIn('bundle', `${variant}bundle.json`);
  }

  open(variant: '' | 'v2.0-' = ''): Promise<Sam2Model> {
    const bundle = this.bundle(variant);
    return createSam2Model(bundle, bundle.manifest.inputSizes[0]!, { intraOpThreads: 1 });
  }

  image(position: number): Promise<RgbImage> {
    return readImageRgb(join(this.frames, `frame-${String(position).padStart(2, '0')}.png`));
  }
}
