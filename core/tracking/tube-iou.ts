import { rleArea } from '../mask/rle';
import { rleIntersectionArea } from '../mask/rle-ops';
import type { Tube } from './pending-frame';

/** Volume IoU of two tubes over the same frames: shared pixels of all frames over covered pixels of all frames; 0 when both are empty. */
export function tubeIou(a: Tube, b: Tube): number {
  let shared = 0;
  let covered = 0;
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [p, q] = [a[i], b[i]];
    const both = p && q ? rleIntersectionArea(p, q) : 0;
    shared += both;
    covered += (p ? rleArea(p) : 0) + (q ? rleArea(q) : 0) - both;
  }
  return covered > 0 ? shared / covered : 0;
}
