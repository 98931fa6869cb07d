import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readFrames } from '../../adapters/ffmpeg/frame-reader';
import { probeVideo } from '../../adapters/ffmpeg/probe';
import { decodeIndexedPng } from '../../adapters/png/indexed-png';
import { readImageRgb } from '../../adapters/png/png';
import type { RgbImage } from '../../contracts/segmenter';
import { labelMapToRles } from '../../core/metrics/label-map';
import type { Rle } from '../../core/mask/types';

/** A clip with truth: a folder with frames/*.jpg or video.mp4, and masks/*.png whose values are objects. */
export interface Clip {
  readonly name: string;
  readonly frames: number;
  /** Frames [from, to) in order. */
  images(from: number, to: number): AsyncGenerator<RgbImage>;
  /** Truth masks of a frame by object, 0 left out. */
  truth(position: number): Map<number, Rle>;
}

const sortedFiles = (folder: string): string[] => readdirSync(folder).sort().map((name) => join(folder, name));

/** Whether a folder is a clip that can be opened. */
export function isClip(folder: string): boolean {
  return existsSync(join(folder, 'masks')) && (existsSync(join(folder, 'frames')) || existsSync(join(folder, 'video.mp4')));
}

export async function openClip(folder: string): Promise<Clip> {
  const masks = sortedFiles(join(folder, 'masks'));
  const truth = (position: number): Map<number, Rle> => labelMapToRles(decodeIndexedPng(readFileSync(masks[position]!)));
  const name = basename(folder);
  if (existsSync(join(folder, 'frames'))) {
    const files = sortedFiles(join(folder, 'frames'));
    const images = async function* (from: number, to: number): AsyncGenerator<RgbImage> {
      for (const file of files.slice(from, to)) yield await readImageRgb(file);
    };
    return { name, frames: Math.min(files.length, masks.length), images, truth };
  }
  const path = join(folder, 'video.mp4');
  const info = await probeVideo(path);
  const images = async function* (from: number, to: number): AsyncGenerator<RgbImage> {
    for await (const { width, height, rgb } of readFrames({ path, info, startFrame: from, endFrame: to })) yield { width, height, data: rgb };
  };
  return { name, frames: masks.length, images, truth };
}
