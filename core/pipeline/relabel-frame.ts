import type { TrackLine } from '../../contracts/artefacts';
import type { MaskLine } from '../../contracts/pipeline-artefacts';
import { rleArea, rleToBoxXywh } from '../mask/rle';
import { fromCocoRle } from '../mask/rle-string';

type TrackedObject = TrackLine['objects'][number];

export interface RelabelFrame {
  readonly position: number;
  readonly frame: number;
  readonly timeSeconds: number;
  readonly objects: readonly TrackedObject[];
  /** localId -> globalId of this chunk. */
  readonly identities: ReadonlyMap<number, number>;
  /** In the overlap with the next chunk: what that one saw on this frame. */
  readonly next?: {
    readonly objects: readonly TrackedObject[];
    readonly identities: ReadonlyMap<number, number>;
    /** globalId -> first position on which the next chunk's mask is preferred. */
    readonly seams: ReadonlyMap<number, number>;
  };
}

/**
 * One line of masks.jsonl. Objects without a globalId are left out. For an object joined across the border to the next chunk the
 * mask of the chunk that the seam prefers is used, or the other's when only that one sees the object.
 */
export function relabelFrame(request: RelabelFrame): MaskLine {
  const chosen = byGlobalId(request.objects, request.identities);
  const next = request.next;
  if (next !== undefined) {
    for (const [globalId, object] of byGlobalId(next.objects, next.identities)) {
      const seam = next.seams.get(globalId);
      if (seam !== undefined && (request.position >= seam || !chosen.has(globalId))) chosen.set(globalId, object);
    }
  }
  const objects = [...chosen].sort(([a], [b]) => a - b).map(([id, object]) => maskObject(id, object));
  return { frame: request.frame, time: Math.round(request.timeSeconds * 1e6) / 1e6, objects };
}

/** When two tracklets of one chunk are one object, the better scored mask counts. */
function byGlobalId(objects: readonly TrackedObject[], identities: ReadonlyMap<number, number>): Map<number, TrackedObject> {
  const found = new Map<number, TrackedObject>();
  for (const object of objects) {
    const globalId = identities.get(object.localId);
    if (globalId === undefined) continue;
    const known = found.get(globalId);
    if (known === undefined || object.score > known.score) found.set(globalId, object);
  }
  return found;
}

function maskObject(id: number, object: TrackedObject): MaskLine['objects'][number] {
  const rle = fromCocoRle(object.rle);
  const [x, y, width, height] = rleToBoxXywh(rle);
  return { id, score: object.score, bbox: [x, y, width, height], area: rleArea(rle), segmentation: { size: object.rle.size, counts: object.rle.counts } };
}
