import type { GrayImage } from '../../../core/flow/gray-image';

// Taken out of the global object once: look-ups in it are slow in jest's sandbox.
const { floor, imul } = Math;

/** Fixed pseudo-random value 0..1 for a lattice point (an integer hash). */
function lattice(x: number, y: number): number {
  let h = (imul(x, 374761393) + imul(y, 668265263)) | 0;
  h = imul(h ^ (h >>> 13), 1274126177);
  return ((h ^ (h >>> 16)) >>> 0) / 4294967295;
}

/** Smooth noise with features of about `size` pixels. */
function noise(x: number, y: number, size: number): number {
  const x0 = floor(x / size);
  const y0 = floor(y / size);
  const ease = (t: number): number => t * t * (3 - 2 * t);
  const fx = ease(x / size - x0);
  const fy = ease(y / size - y0);
  const top = lattice(x0, y0) * (1 - fx) + lattice(x0 + 1, y0) * fx;
  const bottom = lattice(x0, y0 + 1) * (1 - fx) + lattice(x0 + 1, y0 + 1) * fx;
  return top * (1 - fy) + bottom * fy;
}

/** Smooth, aperiodic texture 0..255 as a function of place, so that any motion of it can be drawn exactly. */
export function texture(x: number, y: number): number {
  return 120 * noise(x, y, 31) + 80 * noise(x + 500, y, 13) + 50 * noise(x, y + 900, 6);
}

/** Picture whose pixel (x, y) shows the texture at `place(x, y)`. */
export function paint(width: number, height: number, place: (x: number, y: number) => readonly [number, number]): GrayImage {
  const data = new Float32Array(width * height);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data[y * width + x] = texture(...place(x, y));
  return { width, height, data };
}
