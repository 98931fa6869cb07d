import { findComponents } from '../../mask/connected-components';

/** Logit of a filled cell. */
const FILLED = 0.1;

/** A square of logits with its background pieces, 8-connected, of at most `most` cells made part of the mask (utils/misc.py, `fill_holes_in_mask_scores`). */
export function fillHoles(logits: Float32Array, side: number, most: number): Float32Array {
  if (most === 0) return logits;
  const inside = Uint8Array.from(logits, (value) => (value > 0 ? 1 : 0));
  if (!inside.includes(1)) return logits;
  const { starts, ends, component, areas } = findComponents({ width: side, height: side, data: inside }, 8, 0);
  const filled = logits.slice();
  starts.forEach((start, r) => {
    if (areas[component[r]!]! <= most) filled.fill(FILLED, start, ends[r]);
  });
  return filled;
}
