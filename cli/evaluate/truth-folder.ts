import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { decodeIndexedPng } from '../../adapters/png/indexed-png';
import { VamgError } from '../../contracts/errors';
import { forUser } from '../output/user-folder';
import type { TruthSource } from './compared-frames';

/** In 8-bit label maps 255 marks pixels that are not judged (DAVIS, VOC). */
const VOID = 255;

/**
 * A folder of label maps as PNG: the k-th file by name belongs to frame k of the video.
 * @throws VamgError NotFound without the folder, BadConfig without PNG files in it
 */
export async function openTruthFolder(folder: string): Promise<TruthSource> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new VamgError('NotFound', `The folder of the ground truth ${forUser(folder)} cannot be read; check the path.`, { cause });
  });
  const files = names.filter((name) => /\.png$/i.test(name) && !name.startsWith('.')).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  if (files.length === 0) throw new VamgError('BadConfig', `${forUser(folder)} holds no PNG files; --ground-truth is a folder of indexed PNG label maps, one per frame.`);
  return async (frame) => {
    const name = files[frame];
    if (name === undefined) return null;
    const file = path.join(folder, name);
    try {
      const labels = decodeIndexedPng(await readFile(file));
      return { labels, voidLabel: labels.bitDepth === 16 ? null : VOID };
    } catch (cause) {
      const why = cause instanceof VamgError ? cause.message : 'It cannot be read.';
      throw new VamgError('PoisonImage', `${forUser(file)} is not usable as ground truth: ${why}`, { cause });
    }
  };
}
