import { boxXywhToXyxy } from '../geometry/boxes';
import { decodeRle, emptyRle, encodeRle, rleToBoxXywh } from '../mask/rle';
import type { Rle } from '../mask/types';
import type { FlowField } from './flow-field';

// Not looked up in the global object pixel by pixel.
const { abs, ceil, floor, max, min, round } = Math;

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
  const left = max(0, floor(x0 - reachX));
  const right = min(width, ceil(x1 + reachX));
  for (let y = max(0, floor(y0 - reachY)); y < min(height, ceil(y1 + reachY)); y++) {
    const row = min(flow.height - 1, floor((y + 0.5) / scaleY)) * flow.width;
    for (let x = left; x < right; x++) {
      const i = row + min(flow.width - 1, floor((x + 0.5) / scaleX));
      const sx = round(x + flow.u[i]! * scaleX);
      const sy = round(y + flow.v[i]! * scaleY);
      if (sx >= x0 && sx < x1 && sy >= y0 && sy < y1) data[y * width + x] = source[sy * width + sx]!;
    }
  }
  return encodeRle({ width, height, data });
}

function largest(values: Float32Array): number {
  let max = 0;
  for (const value of values) if (abs(value) > max) max = abs(value);
  return max;
}
