import type { TrackLine } from '../../contracts/artefacts';
import type { MaskLine } from '../../contracts/pipeline-artefacts';
import { fromCocoRle } from '../mask/rle-string';
import type { ChunkAssignments } from '../stitch/identity-map';
import { selectMasksForFrame, type FrameSource } from '../stitch/select-masks';
import type { ScoredMask } from '../stitch/types';
import { maskEntry } from './mask-entry';

export interface RelabelFrame {
  readonly position: number;
  readonly frame: number;
  readonly timeSeconds: number;
  /** What each chunk that computed this frame saw (one, or two in an overlap window), with its assignments. */
  readonly sources: readonly { readonly assignments: ChunkAssignments; readonly objects: TrackLine['objects'] }[];
}

/** One line of masks.jsonl: the masks that stitching chose for this frame, by ascending ID, empty ones left out. */
export function relabelFrame({ position, frame, timeSeconds, sources }: RelabelFrame): MaskLine {
  const selected = selectMasksForFrame(position, sources.map(toFrameSource)).map(({ globalId, score, rle }) => maskEntry(globalId, score, rle));
  return { frame, time: Math.round(timeSeconds * 1e6) / 1e6, objects: selected.filter((object) => object.area > 0) };
}

function toFrameSource({ assignments, objects }: RelabelFrame['sources'][number]): FrameSource {
  const masks = new Map<number, ScoredMask>(objects.map((object) => [object.localId, { rle: fromCocoRle(object.rle), score: object.score }]));
  return { assignments, masks };
}
