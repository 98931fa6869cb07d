import { VamgError } from '../../contracts/errors';
import type { MaskLine } from '../../contracts/pipeline-artefacts';
import { fromCocoRle } from '../../core/mask/rle-string';
import { rleSubtract } from '../../core/mask/rle-ops';
import type { Rle } from '../../core/mask/types';
import { labelMapToRles, type LabelMap } from '../../core/metrics/label-map';

/** Truth of one frame. */
export interface TruthFrame {
  readonly labels: LabelMap;
  /** Value that means "do not judge this pixel", or null. */
  readonly voidLabel: number | null;
}

/** Truth of a source frame; null when it has none. */
export type TruthSource = (frame: number) => Promise<TruthFrame | null>;

/** A frame of the result. */
export interface ResultFrame {
  readonly index: number;
  /** Masks by ID, as they are in the result. */
  readonly masks: ReadonlyMap<number, Rle>;
}

/** A frame of the result that has truth. */
export interface ComparedFrame extends ResultFrame, TruthFrame {
  /** Masks of the truth by object. */
  readonly truth: ReadonlyMap<number, Rle>;
  /** Pixels that are not judged, or null. */
  readonly ignored: Rle | null;
  /** Masks by ID without the pixels that are not judged. */
  readonly predictions: ReadonlyMap<number, Rle>;
}

/** The masks of one line. */
export function readFrame({ frame, objects }: MaskLine): ResultFrame {
  return { index: frame, masks: new Map(objects.map(({ id, segmentation: { size, counts } }) => [id, fromCocoRle({ size: [size[0], size[1]], counts })] as const)) };
}

/** A frame beside its truth, or null when it has none. @throws VamgError BadConfig when the sizes differ. */
export async function compareFrame(frame: ResultFrame, source: TruthSource): Promise<ComparedFrame | null> {
  const found = await source(frame.index);
  if (found === null) return null;
  const { labels, voidLabel } = found;
  for (const { width, height } of frame.masks.values())
    if (width !== labels.width || height !== labels.height)
      throw new VamgError('BadConfig', `The ground truth is ${labels.width}x${labels.height} pixels, the masks of frame ${frame.index} are ${width}x${height}; they must be of one size.`);
  const truth = labelMapToRles(labels);
  const ignored = voidLabel === null ? null : (truth.get(voidLabel) ?? null);
  if (voidLabel !== null) truth.delete(voidLabel);
  const predictions = ignored === null ? frame.masks : new Map([...frame.masks].map(([id, rle]) => [id, rleSubtract(rle, ignored)]));
  return { ...frame, ...found, truth, ignored, predictions };
}
