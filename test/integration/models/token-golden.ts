import { join } from 'node:path';
import { GoldenFolder, type GoldenMask, type Span } from '../../../bench/study/golden-folder';
import type { ResolvedBundle } from '../../../models/bundles';

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

/** What golden.py in infra/export/cutie or infra/export/xmem wrote. */
export class TokenGolden<Settings> extends GoldenFolder<GoldenFile<Settings>> {
  constructor(family: 'cutie' | 'xmem') {
    super(join(__dirname, '../../golden', family));
  }

  get runs(): GoldenFile<Settings>['runs'] {
    return this.file.runs;
  }

  bundle(): ResolvedBundle {
    return this.bundleIn('bundle');
  }
}
