import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * Small test videos made with ffmpeg's own generators: one per kind of container, codec and timing that readers get wrong. Each is
 * made once per process, in a folder that is removed when the process ends. `frames` is what a decoder must deliver.
 */
export interface SyntheticVideo {
  readonly path: string;
  readonly frames: number;
  /** Upright, square pixels. */
  readonly width: number;
  readonly height: number;
}

interface Recipe {
  readonly file: string;
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  readonly args: readonly string[];
  /** A second pass over the first one's file (`input` flags, then output flags), for metadata that encoders cannot write. */
  readonly remux?: { readonly input: readonly string[]; readonly output: readonly string[] };
  /** Changes the bytes of the finished file in place. */
  readonly patch?: (file: Buffer) => void;
}

const run = promisify(execFile);
/** Every source frame differs from its neighbours everywhere: a moving pattern, with noise that has a fixed seed. */
const picture = (size: string, rate: number, seconds: number): string[] => ['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=${rate}:d=${seconds}`];
const sine = (seconds: number): string[] => ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=44100:d=${seconds}`];
const h264 = (gop: number, extra = ''): string[] => ['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-g', String(gop), '-bf', '3', '-x264-params', `scenecut=0:b-pyramid=normal${extra}`];

export const SYNTHETIC_VIDEOS = {
  /** Long groups of pictures, B-frames, audio. */
  cfrMp4: { file: 'cfr.mp4', frames: 100, width: 160, height: 120, args: [...picture('160x120', 25, 4), ...sine(4), ...h264(40), '-c:a', 'aac', '-shortest'] },
  /** 30000/1001 frames per second in milliseconds, with every seventh frame missing and a pause. */
  vfrMkv: {
    file: 'vfr.mkv', frames: 77, width: 160, height: 120,
    args: [...picture('160x120', 30, 3), '-vf', "select='mod(n,7)',setpts='PTS+if(gt(N,40),0.75/TB,0)'", '-fps_mode', 'passthrough', ...h264(20)],
  },
  /** Open groups of pictures, timestamps that start at 10 s. */
  openGopTs: { file: 'open.ts', frames: 100, width: 160, height: 120, args: [...picture('160x120', 25, 4), ...sine(4), ...h264(20, ':open-gop=1'), '-c:a', 'aac', '-output_ts_offset', '10', '-f', 'mpegts'] },
  mpeg2Ts: { file: 'mpeg2.ts', frames: 75, width: 160, height: 120, args: [...picture('160x120', 25, 3), '-c:v', 'mpeg2video', '-g', '12', '-bf', '2', '-b:v', '500k', '-f', 'mpegts'] },
  /** A phone held upright: the container says how to turn the picture. */
  rotatedMp4: {
    file: 'rotated.mp4', frames: 50, width: 120, height: 160, args: [...picture('160x120', 25, 2), ...h264(12)],
    patch: turnClockwise,
  },
  /** Coded 120x120 with pixels of 4:3, so shown as 160x120. */
  anamorphicMp4: { file: 'anamorphic.mp4', frames: 50, width: 160, height: 120, args: [...picture('120x120', 25, 2), '-vf', 'setsar=4/3', ...h264(12)] },
  vp9Webm: { file: 'vp9.webm', frames: 50, width: 160, height: 120, args: [...picture('160x120', 25, 2), '-c:v', 'libvpx-vp9', '-cpu-used', '8', '-g', '15', '-b:v', '200k', '-auto-alt-ref', '1', '-lag-in-frames', '12'] },
  /** VP8 stores invisible frames as packets of their own. */
  vp8Webm: { file: 'vp8.webm', frames: 50, width: 160, height: 120, args: [...picture('160x120', 25, 2), '-c:v', 'libvpx', '-cpu-used', '8', '-g', '15', '-b:v', '200k', '-auto-alt-ref', '1', '-lag-in-frames', '12'] },
  mjpegAvi: { file: 'mjpeg.avi', frames: 50, width: 160, height: 120, args: [...picture('160x120', 25, 2), '-c:v', 'mjpeg', '-q:v', '5'] },
  /** B-frames in a container without presentation timestamps. */
  mpeg4Avi: { file: 'mpeg4.avi', frames: 50, width: 160, height: 120, args: [...picture('160x120', 25, 2), '-c:v', 'mpeg4', '-bf', '2', '-g', '15', '-q:v', '5'] },
  gif: { file: 'anim.gif', frames: 30, width: 80, height: 60, args: [...picture('80x60', 10, 3)] },
  /** Cut without re-encoding: an edit list hides the frames before the cut. */
  editListMp4: { file: 'edit-list.mp4', frames: -1, width: 160, height: 120, args: [...picture('160x120', 25, 4), ...h264(25)], remux: { input: ['-ss', '1.5'], output: ['-c', 'copy'] } },
  /** Sizes that 4:2:0 codecs do not like. */
  oddMkv: { file: 'odd.mkv', frames: 30, width: 101, height: 75, args: [...picture('160x120', 10, 3), '-vf', 'scale=101:75', '-c:v', 'ffv1', '-pix_fmt', 'yuv444p', '-g', '1'] },
  audioOnlyMp4: { file: 'audio.m4a', frames: 0, width: 0, height: 0, args: [...sine(1), '-c:a', 'aac'] },
} as const satisfies Record<string, Recipe>;
export type SyntheticVideoName = keyof typeof SYNTHETIC_VIDEOS;

let folder: string | null = null;
const made = new Map<string, Promise<string>>();

/** The folder of this test file (or process) for test media; removed at its end. */
export function syntheticFolder(): string {
  return (folder ??= mkdtempSync(join(tmpdir(), 'vamg-media-')));
}

function removeFolder(): void {
  if (folder !== null) rmSync(folder, { recursive: true, force: true });
  folder = null;
}
// Under jest a module lives as long as its test file, and `exit` of its process object never comes.
if (typeof afterAll === 'function') afterAll(removeFolder);
else process.once('exit', removeFolder);

/** Make one of SYNTHETIC_VIDEOS, or return the one made before. */
export async function syntheticVideo(name: SyntheticVideoName): Promise<SyntheticVideo> {
  const recipe: Recipe = SYNTHETIC_VIDEOS[name];
  const path = await once(recipe.file, async (target) => {
    const first = recipe.remux === undefined ? target : join(syntheticFolder(), `first-${recipe.file}`);
    await ffmpeg([...recipe.args, first]);
    if (recipe.remux !== undefined) await ffmpeg([...recipe.remux.input, '-i', first, ...recipe.remux.output, target]);
    if (recipe.patch !== undefined) {
      const bytes = await readFile(target);
      recipe.patch(bytes);
      await writeFile(target, bytes);
    }
  });
  return { path, frames: recipe.frames, width: recipe.width, height: recipe.height };
}

/** Any other video: ffmpeg arguments up to the output, and the name of the output file. */
export function customVideo(file: string, args: readonly string[]): Promise<string> {
  return once(file, (target) => ffmpeg([...args, target]));
}

/** Write "turn a quarter clockwise" into the track header of an mp4; the flags that do it differ between versions of ffmpeg. */
function turnClockwise(mp4: Buffer): void {
  const matrix = mp4.indexOf('tkhd') + 44;
  [0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000].forEach((value, i) => mp4.writeInt32BE(value, matrix + i * 4));
}

/** A file with these bytes in the media folder. */
export async function customFile(file: string, bytes: Uint8Array | string): Promise<string> {
  const path = join(syntheticFolder(), file);
  await writeFile(path, bytes);
  return path;
}

function once(file: string, make: (target: string) => Promise<void>): Promise<string> {
  const target = join(syntheticFolder(), file);
  let pending = made.get(file);
  if (pending === undefined) {
    pending = make(target).then(() => target);
    made.set(file, pending);
  }
  return pending;
}

async function ffmpeg(args: readonly string[]): Promise<void> {
  await run(process.env['FFMPEG_PATH'] || 'ffmpeg', ['-nostdin', '-loglevel', 'error', '-y', '-bitexact', ...args], { timeout: 120_000 });
}
