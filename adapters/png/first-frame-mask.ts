import { VamgError } from '../../contracts/errors';
import type { Rle } from '../../core/mask/types';
import { labelMapToRles } from '../../core/metrics/label-map';
import { decodeIndexedPng } from './indexed-png';

/** "Do not judge" in 8-bit label maps (DAVIS, VOC). */
const VOID = 255;

/**
 * The objects of `--first-frame-mask` by number: every value above 0 of an indexed or grey PNG, but for 255 in files of 8 bits.
 * @param size of the video's frames, in pixels.
 * @throws VamgError PoisonImage when it cannot be read; BadConfig when it has another size than the video, or no object.
 */
export function decodeFirstFrameMask(file: Uint8Array, size: { readonly width: number; readonly height: number }): Map<number, Rle> {
  const image = decodeIndexedPng(file);
  if (image.width !== size.width || image.height !== size.height)
    throw new VamgError('BadConfig', `The first-frame mask is ${image.width}x${image.height}, the video ${size.width}x${size.height}; they must be alike.`);
  const objects = labelMapToRles(image);
  if (image.bitDepth <= 8) objects.delete(VOID);
  if (objects.size === 0) throw new VamgError('BadConfig', 'The first-frame mask holds no object; its pixels must have the numbers of the objects, from 1 on.');
  return objects;
}
