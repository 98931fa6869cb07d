import { boxXywhToXyxy } from '../geometry/boxes';
import { decodeRle, emptyRle, encodeRle, rleToBoxXywh } from '../mask/rle';
import type { Rle } from '../mask/types';
import type { FlowField } from './flow-field';

/**
 * A full-resolution mask carried along by a flow on a smaller grid over the same picture (computed from this frame to the
 * mask's frame): each pixel takes the mask's nearest pixel at its moved place. Only the mask's box, grown by the largest motion, is visited.
 */
export function warpRle(rle: Rle, flow: FlowField): Rle {
  const { width, height } = rle;
  const [x0, y0, x1, y1] = boxXywhToXyxy(rleToBoxXywh(rle));
  if (x1 <= x0) return emptyRle(width, height);
  const scaleX = width / flow.width;
  const scaleY = height / flow.height;
  const [reachX, reachY] = [largest(flow.u) * scaleX + 1, largest(flow.v) * scaleY + 1];
  const source = decodeRle(rle).data;
  const data = new Uint8Array(width * height);
  const left = Math.max(0, Math.floor(x0 - reachX));
  const right = Math.min(width, Math.ceil(x1 + reachX));
  for (let y = Math.max(0, Math.floor(y0 - reachY)); y < Math.min(height, Math.ceil(y1 + reachY)); y++) {
    const row = Math.min(flow.height - 1, Math.floor((y + 0.5) / scaleY)) * flow.width;
    for (let x = left; x < right; x++) {
      const i = row + Math.min(flow.width - 1, Math.floor((x + 0.5) / scaleX));
      const sx = Math.round(x + flow.u[i]! * scaleX);
      const sy = Math.round(y + flow.v[i]! * scaleY);
      if (sx >= x0 && sx < x1 && sy >= y0 && sy < y1) data[y * width + x] = source[sy * width + sx]!;
    }
  }
  return encodeRle({ width, height, data });
}

function largest(values: Float32Array): number {
  let max = 0;
  for (const value of values) if (Math.abs(value) > max) max = Math.abs(value);
  return max;
}
