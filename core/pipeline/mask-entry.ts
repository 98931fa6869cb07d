import type { MaskLine } from '../../contracts/pipeline-artefacts';
import { rleArea, rleToBoxXywh } from '../mask/rle';
import { toCocoRle } from '../mask/rle-string';
import type { Rle } from '../mask/types';

/** A mask as masks.jsonl has it. */
export function maskEntry(id: number, score: number, rle: Rle): MaskLine['objects'][number] {
  const [x, y, width, height] = rleToBoxXywh(rle);
  const { size, counts } = toCocoRle(rle);
  return { id, score, bbox: [x, y, width, height], area: rleArea(rle), segmentation: { size: [size[0], size[1]], counts } };
}
