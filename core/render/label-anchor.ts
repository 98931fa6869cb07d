import { rleCentroid } from '../mask/rle';
import type { Rle } from '../mask/types';

/**
 * Pixel at which the label of a mask is centred: inside the mask, as near its centre of mass as the mask's nearest column
 * allows. null for an empty mask.
 */
export function labelAnchor(rle: Rle): { readonly x: number; readonly y: number } | null {
  const centre = rleCentroid(rle);
  if (centre === null) return null;
  const { height, counts } = rle;
  const wantedX = Math.round(centre.x);
  let best: { x: number; y: number } | null = null;
  let bestCost = Infinity;
  let position = 0;
  for (let i = 0; i + 1 < counts.length; i += 2) {
    position += counts[i]!;
    const end = position + counts[i + 1]!;
    const firstColumn = Math.floor(position / height);
    const lastColumn = Math.floor((end - 1) / height);
    if (end > position) {
      const x = Math.max(firstColumn, Math.min(lastColumn, wantedX));
      const y0 = Math.max(0, position - x * height);
      const y1 = Math.min(height, end - x * height);
      const y = centre.y >= y0 && centre.y < y1 ? Math.round(centre.y) : (y0 + y1) >> 1;
      // A column further away only when no nearer one has a run; within a column the run nearest the centre.
      const cost = Math.abs(x - wantedX) * height + Math.abs(y - centre.y);
      if (cost < bestCost) {
        bestCost = cost;
        best = { x, y };
      }
    }
    position = end;
  }
  return best;
}
