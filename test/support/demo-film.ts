import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { DEMO_FILM, DemoScene } from '../../core/demo/draw-frame';

/** Write the first frames of the demo film as H.264, the same bytes on every call. */
export async function writeDemoFilm(path: string, frames: number): Promise<void> {
  const { width, height, framesPerSecond } = DEMO_FILM;
  const input = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${width}x${height}`, '-r', String(framesPerSecond), '-i', 'pipe:0'];
  const output = ['-c:v', 'libx264', '-threads', '1', '-crf', '14', '-g', '12', '-pix_fmt', 'yuv420p', path];
  const ffmpeg = spawn(process.env['FFMPEG_PATH'] ?? 'ffmpeg', ['-v', 'error', '-y', ...input, ...output], { stdio: ['pipe', 'ignore', 'inherit'] });
  const closed = once(ffmpeg, 'close');
  const scene = new DemoScene();
  for (let k = 0; k < frames; k++) {
    if (!ffmpeg.stdin.write(scene.draw(k).image.data)) await once(ffmpeg.stdin, 'drain');
  }
  ffmpeg.stdin.end();
  const [code] = (await closed) as [number];
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}`);
}
