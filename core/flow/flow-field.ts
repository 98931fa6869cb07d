
// Not looked up in the global object pixel by pixel.
const { floor, max, min } = Math;

/**
 * Dense motion on a width x height grid, row-major: the point at pixel (x, y) of the picture the flow was computed FROM is at
 * (x + u, y + v) in the picture it was computed TO. To carry a mask from frame a to frame b, compute the flow from b to a
 * and read the mask of a at the moved places: no holes arise.
 */
export interface FlowField {
  readonly width: number;
  readonly height: number;
  /** Motion to the right and down, in pixels of this grid. */
  readonly u: Float32Array;
  readonly v: Float32Array;
}

/** A field of no motion. */
export function zeroFlow(width: number, height: number): FlowField {
  return { width, height, u: new Float32Array(width * height), v: new Float32Array(width * height) };
}

/**
 * The field on another grid over the same picture; vectors are scaled to the new grid's pixels. Bilinear with half-pixel
 * centres. `coverX`/`coverY` are the share of the new grid's width and height that the picture covers (1 = all of it).
 */
export function resampleFlow(flow: FlowField, width: number, height: number, coverX = 1, coverY = 1): FlowField {
  const out = zeroFlow(width, height);
  const stepX = flow.width / (width * coverX);
  const stepY = flow.height / (height * coverY);
  for (let y = 0; y < height; y++) {
    const sy = min(max((y + 0.5) * stepY - 0.5, 0), flow.height - 1);
    const y0 = floor(sy);
    const y1 = min(y0 + 1, flow.height - 1);
    const fy = sy - y0;
    for (let x = 0; x < width; x++) {
      const sx = min(max((x + 0.5) * stepX - 0.5, 0), flow.width - 1);
      const x0 = floor(sx);
      const x1 = min(x0 + 1, flow.width - 1);
      const fx = sx - x0;
      const a = y0 * flow.width;
      const b = y1 * flow.width;
      const to = y * width + x;
      out.u[to] = mix(flow.u[a + x0]!, flow.u[a + x1]!, flow.u[b + x0]!, flow.u[b + x1]!, fx, fy) / stepX;
      out.v[to] = mix(flow.v[a + x0]!, flow.v[a + x1]!, flow.v[b + x0]!, flow.v[b + x1]!, fx, fy) / stepY;
    }
  }
  return out;
}

function mix(a: number, b: number, c: number, d: number, fx: number, fy: number): number {
  const top = a + (b - a) * fx;
  return top + (c + (d - c) * fx - top) * fy;
}
