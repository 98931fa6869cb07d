import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { probeVideo } from '../../adapters/ffmpeg/probe';
import { scanVideo } from '../../adapters/ffmpeg/scene-cuts';
import { hashFile } from '../../adapters/store/hash-file';
import type { VideoInfo } from '../../contracts/video-info';
import type { Rle } from '../../core/mask/types';
import { maskOf, writeResultFolder, type MadeUpResult } from './result-folder';
import { customVideo } from './synthetic-video';

/** Odd, as codecs with halved colours do not like it. */
export const FILM_WIDTH = 101;
export const FILM_HEIGHT = 75;

/** A film with its made-up result. */
export interface FilmResult {
  readonly video: string;
  readonly info: VideoInfo;
  readonly result: MadeUpResult;
}

/**
 * A lossless film of variable frame rate that begins at 3 s, with a tone from 3.5 s on; and a result of every `frameStep`-th of its frames
 * from `firstFrame` on. 1 moves to the right, 2 lies on it, 3 is away on positions 4 to 6, the others are small.
 */
export async function makeFilmResult(folder: string, { firstFrame = 0, frameStep = 1, objects = 4 } = {}): Promise<FilmResult> {
  const video = await customVideo('film-result.mkv', [
    '-f', 'lavfi', '-i', `testsrc2=s=${FILM_WIDTH + 1}x${FILM_HEIGHT + 1}:r=30:d=1`, '-itsoffset', '0.5', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=44100:d=0.8',
    '-vf', `select='mod(n,7)',setpts='PTS+if(gt(N,12),0.4/TB,0)',format=gbrp,crop=${FILM_WIDTH}:${FILM_HEIGHT}:0:0`, '-fps_mode', 'passthrough',
    '-c:v', 'ffv1', '-pix_fmt', 'bgr0', '-g', '1', '-c:a', 'aac', '-output_ts_offset', '3',
  ]);
  const { info } = await scanVideo({ path: video, info: await probeVideo(video) });
  const positions = Math.ceil((info.pts.length - firstFrame) / frameStep);
  const frames = Array.from({ length: positions }, (_, t) => new Map(Array.from({ length: objects }, (_, i) => i + 1).flatMap((id) => (id === 3 && t >= 4 && t <= 6 ? [] : [[id, maskAt(id, t)] as const]))));
  const result: MadeUpResult = { width: FILM_WIDTH, height: FILM_HEIGHT, firstFrame, frameStep, videoName: 'a film.mkv', labels: new Map([[3, 'red, car']]), frames };
  await writeResultOf(video, folder, result);
  return { video, info, result };
}

/** Write a result that says it was made from a video. */
export async function writeResultOf(video: string, folder: string, result: MadeUpResult): Promise<void> {
  writeResultFolder(folder, result);
  const file = path.join(folder, 'result.json');
  const summary = JSON.parse(readFileSync(file, 'utf8')) as { video: { id: string } };
  summary.video.id = (await hashFile(video)).sha256;
  writeFileSync(file, JSON.stringify(summary));
}

function maskAt(id: number, t: number): Rle {
  const box = (left: number, top: number, width: number, height: number): Rle => maskOf(FILM_WIDTH, FILM_HEIGHT, (x, y) => x >= left && x < left + width && y >= top && y < top + height);
  if (id === 1) return maskOf(FILM_WIDTH, FILM_HEIGHT, (x, y) => (x - 30 - t) ** 2 + (y - 30) ** 2 < 400);
  if (id === 2) return box(28 + t, 26, 10, 9);
  if (id === 3) return box(60, 55 - t, 24 + t, 16);
  return box((id - 4) * 12, 62, 8, 8);
}

/** The frames of a film as RGBA. */
export async function readRgba(film: string): Promise<Uint8Array[]> {
  const decoder = film.endsWith('.webm') ? ['-c:v', 'libvpx-vp9'] : [];
  const { stdout } = await promisify(execFile)('ffmpeg', ['-nostdin', '-v', 'error', ...decoder, '-i', film, '-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'rgba', 'pipe:1'], { encoding: 'buffer', maxBuffer: 1 << 28 });
  const size = FILM_WIDTH * FILM_HEIGHT * 4;
  return Array.from({ length: stdout.length / size }, (_, i) => Uint8Array.from(stdout.subarray(i * size, (i + 1) * size)));
}
