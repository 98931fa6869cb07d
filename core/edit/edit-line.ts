import type { MaskLine } from '../../contracts/pipeline-artefacts';
import { rleMerge } from '../mask/rle-ops';
import { fromCocoRle } from '../mask/rle-string';
import { maskEntry } from '../pipeline/mask-entry';

type Mask = MaskLine['objects'][number];
/** The ID that the masks of an object of the original have on a frame; 0 for none. */
export type IdAt = (originalId: number, frame: number) => number;

/**
 * A line of masks.jsonl as the edits leave it: masks with their new IDs, ascending; several that became one object are united. The score
 * of a united mask is the mean of theirs, weighted by area, 4 decimals. The very same line when no mask of it changes.
 * @throws RangeError for a mask that cannot be read
 */
export function editLine(line: MaskLine, idAt: IdAt): MaskLine {
  const { frame, objects } = line;
  if (objects.every(({ id }) => idAt(id, frame) === id)) return line;
  const byId = new Map<number, Mask[]>();
  for (const object of [...objects].sort((a, b) => a.id - b.id)) {
    const id = idAt(object.id, frame);
    if (id === 0) continue;
    const group = byId.get(id);
    if (group === undefined) byId.set(id, [object]);
    else group.push(object);
  }
  const edited = [...byId].map(([id, masks]) => (masks.length === 1 ? { ...masks[0]!, id } : unite(id, masks)));
  return { ...line, objects: edited.sort((a, b) => a.id - b.id) };
}

function unite(id: number, masks: readonly Mask[]): Mask {
  const union = rleMerge(masks.map(({ segmentation }) => fromCocoRle(segmentation)), 'union');
  const areas = masks.reduce((sum, { area }) => sum + area, 0);
  const score = areas === 0 ? masks[0]!.score : masks.reduce((sum, { area, score }) => sum + area * score, 0) / areas;
  return maskEntry(id, Math.round(score * 1e4) / 1e4, union);
}
