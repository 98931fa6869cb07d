import { customVideo } from '../../support/synthetic-video';
import type { SegmentOptionsInput } from '../../../contracts/segment-options';

export const FILM_FRAMES = 112;

/** 160x90 pixels, 112 frames unlike each other; another film for each number. */
export async function smallFilm(number = 1): Promise<string> {
  const picture = `testsrc2=s=160x90:r=24:d=${FILM_FRAMES / 24},hue=h=${number * 20}`;
  return await customVideo(`film-${number}.mp4`, ['-f', 'lavfi', '-i', picture, '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '24']);
}

/** Four chunks in two chains, so that there is a chunk that goes on where another stopped, and a seam. */
export const FILM_OPTIONS: SegmentOptionsInput = {
  planning: { chunkFrames: 32, chainChunks: 2, overlapFrames: 8 },
  tracking: { detectEvery: 16 },
  output: { overlay: false, viewer: false },
};
