import type { FloatTensor } from '../../models/runtime/ort-session';

/** Width to height of the pictures that graphs are timed with. */
export const ASPECT = 16 / 9;

/** A drawn picture [1, 3, height, width]: shades, discs and grain of about the size that normalised pixels have, the same for everyone. */
export function drawnPicture(width: number, height: number): FloatTensor {
  const random = createRandom(1);
  const discs = Array.from({ length: 24 }, () => ({ x: random() * width, y: (random() * width) / ASPECT, r: (0.02 + 0.1 * random()) * width, shade: 4 * random() - 2 }));
  return tensor([1, 3, height, width], (i) => {
    const [x, y, c] = [i % width, Math.floor(i / width) % height, Math.floor(i / (width * height))];
    const disc = discs.find((one) => (x - one.x) ** 2 + (y - one.y) ** 2 < one.r ** 2);
    return (disc ? disc.shade * (1 - 0.3 * c) : (x - y) / width) + 0.1 * random();
  });
}

export function tensor(dims: readonly number[], value: (i: number) => number): FloatTensor {
  return { data: Float32Array.from({ length: dims.reduce((product, dim) => product * dim, 1) }, (_, i) => value(i)), dims };
}

/** Smooth numbers from middle - size to middle + size. */
export function waves(dims: readonly number[], size: number, middle = 0): FloatTensor {
  return tensor(dims, (i) => middle + size * Math.sin(0.7 * i + Math.sin(0.013 * i)));
}

/** Masks [count, height, width] of 0 and 1: upright stripes side by side. */
export function stripes(count: number, height: number, width: number): FloatTensor {
  return tensor([count, height, width], (i) => (Math.floor(((i % width) * count) / width) === Math.floor(i / (width * height)) ? 1 : 0));
}

/** What is not in the masks. */
export function inverse({ data, dims }: FloatTensor): FloatTensor {
  return { data: data.map((value) => 1 - value), dims };
}

/** The same numbers again and again, `times` times along the first axis. */
export function repeated({ data, dims: [first = 1, ...rest] }: FloatTensor, times: number): FloatTensor {
  return tensor([first * times, ...rest], (i) => data[i % data.length]!);
}

/** Numbers from 0 to 1, the same for a seed everywhere (a linear congruential generator). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

/** 1 object, 2 objects. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
