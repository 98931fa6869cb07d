const { floor, imul } = Math;

/** Random-looking 0..1 for a lattice point; integer arithmetic only, so the same everywhere. */
function lattice(x: number, y: number, seed: number): number {
  let h = imul(x, 374761393) ^ imul(y, 668265263) ^ imul(seed, 1274126177);
  h = imul(h ^ (h >>> 13), 1274126177);
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296;
}

/** Smooth value noise in 0..1 with features about one unit wide. */
export function smoothNoise(x: number, y: number, seed: number): number {
  const ix = floor(x);
  const iy = floor(y);
  const fx = (x - ix) * (x - ix) * (3 - 2 * (x - ix));
  const fy = (y - iy) * (y - iy) * (3 - 2 * (y - iy));
  const top = lattice(ix, iy, seed) * (1 - fx) + lattice(ix + 1, iy, seed) * fx;
  const bottom = lattice(ix, iy + 1, seed) * (1 - fx) + lattice(ix + 1, iy + 1, seed) * fx;
  return top * (1 - fy) + bottom * fy;
}

/** Several octaves of smooth noise, 0..1: cloth, grass, stone. */
export function fractalNoise(x: number, y: number, seed: number): number {
  return (smoothNoise(x, y, seed) * 4 + smoothNoise(x * 2.1, y * 2.1, seed + 7) * 2 + smoothNoise(x * 4.3, y * 4.3, seed + 13)) / 7;
}
