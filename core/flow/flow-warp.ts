import type { BoxXyxy } from '../geometry/boxes';
import { isEmptyBox } from '../geometry/boxes';
import type { Bitmask } from '../mask/types';
import type { FlowField } from './flow-field';

// Not looked up in the global object pixel by pixel.
const { ceil, floor, max, min } = Math;

/**
 * Values of the other picture carried here: out(x, y) = source(x + u, y + v), bilinear, with `flow` computed from this
 * picture to the source's picture, both on one grid. Places outside the grid give `outside`.
 */
export function warpValues(source: ArrayLike<number>, flow: FlowField, outside: number, out = new Float32Array(flow.width * flow.height)): Float32Array {
  const { width, height, u, v } = flow;
  if (source.length !== width * height) throw new RangeError(`${width}x${height} values expected, got ${source.length}`);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const sx = x + u[i]!;
      const sy = y + v[i]!;
      if (sx < -0.5 || sy < -0.5 || sx > width - 0.5 || sy > height - 0.5) {
        out[i] = outside;
        continue;
      }
      const cx = sx < 0 ? 0 : sx;
      const cy = sy < 0 ? 0 : sy;
      const x0 = min(floor(cx), width - 1);
      const y0 = min(floor(cy), height - 1);
      const fx = x0 + 1 < width ? cx - x0 : 0;
      const fy = y0 + 1 < height ? cy - y0 : 0;
      const p = y0 * width + x0;
      const q = fy > 0 ? p + width : p;
      const right = fx > 0 ? 1 : 0;
      const top = source[p]! + (source[p + right]! - source[p]!) * fx;
      const bottom = source[q]! + (source[q + right]! - source[q]!) * fx;
      out[i] = top + (bottom - top) * fy;
    }
  }
  return out;
}

/** A mask carried here, see `warpValues`; a pixel is set when the bilinear sample is above one half. */
export function warpBitmask(mask: Bitmask, flow: FlowField): Bitmask {
  if (mask.width !== flow.width || mask.height !== flow.height)
    throw new RangeError(`mask of ${mask.width}x${mask.height} does not fit the flow of ${flow.width}x${flow.height}`);
  const values = warpValues(mask.data, flow, 0);
  return { width: mask.width, height: mask.height, data: Uint8Array.from(values, (value) => (value > 0.5 ? 1 : 0)) };
}

/**
 * A box of the other picture carried here: moved by the median motion inside it (read at its old place, so exact for slow
 * or wide motion only). `flow` was computed from this picture to the other one. Not clipped; an empty box stays.
 */
export function warpBox(box: BoxXyxy, flow: FlowField): BoxXyxy {
  if (isEmptyBox(box)) return box;
  const us: number[] = [];
  const vs: number[] = [];
  const x1 = min(flow.width, max(ceil(box[2]), 1));
  const y1 = min(flow.height, max(ceil(box[3]), 1));
  for (let y = max(0, floor(box[1])); y < y1; y++) {
    for (let x = max(0, floor(box[0])); x < x1; x++) {
      us.push(flow.u[y * flow.width + x]!);
      vs.push(flow.v[y * flow.width + x]!);
    }
  }
  if (us.length === 0) return box;
  const dx = -median(us);
  const dy = -median(vs);
  return [box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy];
}

function median(values: number[]): number {
  values.sort((a, b) => a - b);
  const half = values.length >> 1;
  return values.length & 1 ? values[half]! : (values[half - 1]! + values[half]!) / 2;
}
