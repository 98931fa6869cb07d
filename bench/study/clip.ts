import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readFrames } from '../../adapters/ffmpeg/frame-reader';
import { probeVideo } from '../../adapters/ffmpeg/probe';
import { scanVideo } from '../../adapters/ffmpeg/scene-cuts';
import { decodeIndexedPng } from '../../adapters/png/indexed-png';
import { readImageRgb } from '../../adapters/png/png';
import type { RgbImage } from '../../contracts/segmenter';
import { openTruthFolder } from '../../cli/evaluate/truth-folder';
import type { TruthSource } from '../../cli/evaluate/compared-frames';
import { labelMapToRles } from '../../core/metrics/label-map';
import type { Rle } from '../../core/mask/types';
import type { Timeline } from '../../core/pipeline/plan-video';

/** Frames per second of clips that are folders of pictures. */
const PICTURES_PER_SECOND = 24;

/** What the product's probe says of a clip. */
export interface ClipScan {
  readonly timeline: Timeline;
  /** Frames at which a new scene starts; of a folder of pictures, which has no film to scan, none. */
  readonly sceneCuts: readonly number[];
}

/** A clip with truth: a folder with frames/*.jpg or video.mp4, and masks/*.png whose values are objects. */
export interface Clip {
  readonly name: string;
  readonly frames: number;
  /** Frames [from, to) in order. */
  images(from: number, to: number): AsyncGenerator<RgbImage>;
  /** Truth masks of a frame by object, 0 left out. */
  truth(position: number): Map<number, Rle>;
  /** Truth as `vamg evaluate` reads it. */
  readonly truthSource: TruthSource;
  /** Size of the pictures in pixels. */
  readonly size: { readonly width: number; readonly height: number };
  /** Decodes a film once, as the product does. */
  scan(): Promise<ClipScan>;
}

const sortedFiles = (folder: string): string[] => readdirSync(folder).sort().map((name) => join(folder, name));

/** Whether a folder is a clip that can be opened. */
export function isClip(folder: string): boolean {
  return existsSync(join(folder, 'masks')) && (existsSync(join(folder, 'frames')) || existsSync(join(folder, 'video.mp4')));
}

export async function openClip(folder: string): Promise<Clip> {
  const masks = sortedFiles(join(folder, 'masks'));
  const labels = (position: number) => decodeIndexedPng(readFileSync(masks[position]!));
  const { width, height } = labels(0);
  const common = {
    name: basename(folder),
    truth: (position: number): Map<number, Rle> => labelMapToRles(labels(position)),
    truthSource: await openTruthFolder(join(folder, 'masks')),
    size: { width, height },
  };
  if (existsSync(join(folder, 'frames'))) {
    const files = sortedFiles(join(folder, 'frames'));
    const images = async function* (from: number, to: number): AsyncGenerator<RgbImage> {
      for (const file of files.slice(from, to)) yield await readImageRgb(file);
    };
    return { ...common, frames: Math.min(files.length, masks.length), images, scan: async () => ({ timeline: timelineOfPictures(files.length), sceneCuts: [] }) };
  }
  const path = join(folder, 'video.mp4');
  const info = await probeVideo(path);
  const images = async function* (from: number, to: number): AsyncGenerator<RgbImage> {
    for await (const { width, height, rgb } of readFrames({ path, info, startFrame: from, endFrame: to })) yield { width, height, data: rgb };
  };
  const scan = async (): Promise<ClipScan> => {
    const { info: timeline, sceneCuts } = await scanVideo({ path, info });
    return { timeline, sceneCuts };
  };
  return { ...common, frames: masks.length, images, scan };
}

function timelineOfPictures(count: number): Timeline {
  return {
    pts: Array.from({ length: count }, (_, frame) => frame),
    startPts: 0,
    timeBase: { num: 1, den: PICTURES_PER_SECOND },
    nominalFrameRate: { num: PICTURES_PER_SECOND, den: 1 },
    durationSeconds: count / PICTURES_PER_SECOND,
  };
}
