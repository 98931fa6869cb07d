import { findComponents, largestComponent } from '../mask/connected-components';
import type { MaskGrid } from './mask-grid';
import { countInside } from './object-state';

/** Share of a mask's area below which a piece apart from the rest, or a hole, is an error of drawing. */
const SMALL_SHARE = 0.01;

/**
 * A mask's logits (`grid.width` x `grid.height` cells, row-major, above 0 is inside) without specks and pinholes: pieces and holes, 8-connected, of less
 * than 1 % of its area take the sign of what is around them. The largest piece stays in any case. The input itself when there are none.
 * The idea is SAM 2's `fill_holes_in_mask_scores`, there with an area in cells.
 */
export function cleanRegions(logits: Float32Array, grid: Pick<MaskGrid, 'width' | 'height'>): Float32Array {
  const area = countInside(logits);
  if (area * SMALL_SHARE <= 1) return logits;
  const inside = new Uint8Array(logits.length);
  for (let i = 0; i < inside.length; i++) if (logits[i]! > 0) inside[i] = 1;
  let cleaned: Float32Array | undefined;
  for (const value of [0, 1] as const) {
    const found = findComponents({ width: grid.width, height: grid.height, data: inside }, 8, value);
    const { starts, ends, component, count, areas } = found;
    if (count < 2) continue;
    const largest = largestComponent(found);
    for (const [r, start] of starts.entries()) {
      const own = component[r]!;
      if (own === largest || areas[own]! >= area * SMALL_SHARE) continue;
      cleaned ??= logits.slice();
      for (let i = start; i < ends[r]!; i++) cleaned[i] = logits[i] === 0 ? 1 : -logits[i]!;
    }
  }
  return cleaned ?? logits;
}
