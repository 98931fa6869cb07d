import type { RgbImage } from '../../../contracts/segmenter';
import type { Rle } from '../../../core/mask/types';
import { maskOf } from '../../support/result-folder';

/** Small pictures to draw on, and what is on them. */
export const grey = (width: number, height: number, value = 100): RgbImage => ({ width, height, data: new Uint8Array(width * height * 3).fill(value) });

export const pixel = (image: RgbImage, x: number, y: number): number[] => [...image.data.subarray((y * image.width + x) * 3, (y * image.width + x) * 3 + 3)];

export const rect = (width: number, height: number, x0: number, y0: number, x1: number, y1: number): Rle => maskOf(width, height, (x, y) => x >= x0 && x < x1 && y >= y0 && y < y1);

/** Rows of a picture, a letter per pixel by its colour (`names`), `.` for those that are as before and `?` for all others. */
export function drawn(image: RgbImage, names: Readonly<Record<string, readonly number[]>>, before = 100): string[] {
  const letter = (x: number, y: number): string => {
    const at = pixel(image, x, y);
    if (at.every((value) => value === before)) return '.';
    return Object.entries(names).find(([, colour]) => colour.every((value, i) => value === at[i]))?.[0] ?? '?';
  };
  return Array.from({ length: image.height }, (_, y) => Array.from({ length: image.width }, (_, x) => letter(x, y)).join(''));
}
