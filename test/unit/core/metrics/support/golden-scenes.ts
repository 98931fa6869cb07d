import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cocoStringToRle } from '../../../../../core/mask/rle-string';
import type { Rle } from '../../../../../core/mask/types';
import { labelMapToRles, rlesToLabelMap, type LabelMap } from '../../../../../core/metrics/label-map';
import type { LabelledFrame } from '../../../../../core/metrics/label-pairs';

/** Numbers of the references for one reading of the truth; HOTA values by threshold. */
export interface Reference {
  readonly detections: number;
  readonly hota: Record<'HOTA' | 'DetA' | 'AssA' | 'DetRe' | 'DetPr' | 'AssRe' | 'AssPr' | 'LocA', number[]>;
  readonly clear: Record<'MOTA' | 'MOTP' | 'sMOTA' | 'CLR_TP' | 'CLR_FN' | 'CLR_FP' | 'IDSW' | 'Frag' | 'MT' | 'PT' | 'ML', number>;
  readonly identity: Record<'IDF1' | 'IDP' | 'IDR' | 'IDTP' | 'IDFP' | 'IDFN', number>;
  readonly stq: { readonly aq: number; readonly sq: number | null };
  readonly vpq: Record<string, Record<'pq' | 'sq' | 'rq' | 'tp' | 'fp' | 'fn', number> | null>;
  readonly vc: Record<'8' | '16', number | null>;
}

interface StoredScene {
  readonly name: string;
  readonly frames: readonly { readonly truth: Record<string, string>; readonly predictions: Record<string, string>; readonly void: string | null }[];
  readonly reference: {
    readonly davis: readonly { readonly truth: number; readonly track: number; readonly j: number; readonly f: number }[];
    readonly complete: Reference;
    readonly partial: Reference;
  };
}

interface Stored {
  readonly size: readonly [height: number, width: number];
  readonly contours: readonly { readonly size: readonly [number, number]; readonly truth: string; readonly predicted: string; readonly void: string; readonly j: number; readonly f: number }[];
  readonly scenes: readonly StoredScene[];
}

export interface GoldenFrame {
  readonly truth: ReadonlyMap<number, Rle>;
  readonly predictions: ReadonlyMap<number, Rle>;
  readonly ignored: Rle | null;
}

/** Value of the void pixels in the label maps of `labelled`. */
const VOID = 255;
const stored = JSON.parse(readFileSync(join(__dirname, '../../../../fixtures/golden/metrics.json'), 'utf8')) as Stored;
const [HEIGHT, WIDTH] = stored.size;

const read = (text: string): Rle => cocoStringToRle(text, WIDTH, HEIGHT);
const readAll = (masks: Record<string, string>): Map<number, Rle> => new Map(Object.entries(masks).map(([id, text]) => [Number(id), read(text)]));

export const goldenScenes = stored.scenes.map(({ name, frames, reference }) => ({
  name,
  reference,
  frames: frames.map((frame): GoldenFrame => ({ truth: readAll(frame.truth), predictions: readAll(frame.predictions), ignored: frame.void === null ? null : read(frame.void) })),
}));

export const goldenContours = stored.contours.map(({ size: [height, width], j, f, ...masks }) => ({
  width,
  height,
  j,
  f,
  truth: cocoStringToRle(masks.truth, width, height),
  predicted: cocoStringToRle(masks.predicted, width, height),
  ignored: cocoStringToRle(masks.void, width, height),
}));

/** The truth of a golden frame as the label map that a PNG would hold. */
export function truthLabels({ truth, ignored }: GoldenFrame): LabelMap {
  return rlesToLabelMap(ignored === null ? truth : new Map([...truth, [VOID, ignored]]), WIDTH, HEIGHT);
}

/** A golden frame with one object per pixel, of the predictions `ids`. */
export function labelled(frame: GoldenFrame, ids: readonly number[], everyObject: boolean): LabelledFrame {
  const masks = new Map(ids.map((id) => [id, frame.predictions.get(id)!]));
  return { truth: truthLabels(frame), predicted: rlesToLabelMap(masks, WIDTH, HEIGHT), voidLabel: VOID, everyObject };
}

/** Same masks after a way through a label map; guards the fixture. */
export function isDisjoint(frame: GoldenFrame): boolean {
  const masks = labelMapToRles(truthLabels(frame));
  return [...frame.truth].every(([id, rle]) => JSON.stringify([...masks.get(id)!.counts]) === JSON.stringify([...rle.counts]));
}
