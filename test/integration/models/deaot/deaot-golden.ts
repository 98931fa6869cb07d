import { join } from 'node:path';
import { GoldenFolder, type GoldenMask, type Span } from '../../../../bench/study/golden-folder';
import type { DeaotSettings } from '../../../../contracts/deaot-network';
import { createDeaotModel, type DeaotModel } from '../../../../models/deaot/deaot-model';

export { goldenImage, largestDifference } from '../sam2-golden';

/** Longest side of the network's input; the clip is smaller. */
export const LONG_EDGE = 1040;

export interface GoldenLine {
  readonly frame: number;
  readonly given: readonly GoldenMask[];
  readonly removed: readonly number[];
  readonly tracked?: readonly GoldenMask[];
  /** Of each group: background and the identities that were ever used, every other row. */
  readonly logits?: readonly Span[];
  /** Newest short-term memory of each group. */
  readonly memory?: readonly Span[];
  /** Frames in the long-term memory of each group. */
  readonly long: readonly (readonly number[])[];
}

interface GoldenFile {
  readonly width: number;
  readonly height: number;
  /** Every eighth pixel of the network's input for the first frame. */
  readonly input: { readonly pixels: Span };
  readonly runs: Readonly<Record<string, { readonly bundle: string; readonly settings: Partial<DeaotSettings>; readonly lines: readonly GoldenLine[] }>>;
}

/** What infra/export/deaot/golden.py wrote, with a bundle of DeAOT and one of AOT. The clip is that of SAM 2. */
export const golden = new GoldenFolder<GoldenFile>(join(__dirname, '../../../golden/deaot'));

export function openGolden(name: string): Promise<DeaotModel> {
  return createDeaotModel(golden.bundleIn(name), LONG_EDGE, { intraOpThreads: 1 });
}
