import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { probeVideo } from '../../../adapters/ffmpeg/probe';
import { scanVideo } from '../../../adapters/ffmpeg/scene-cuts';
import { customVideo, syntheticFolder } from '../../support/synthetic-video';

async function cutsOf(path: string): Promise<number[]> {
  return (await scanVideo({ path, info: await probeVideo(path) })).sceneCuts;
}

describe('scene cuts of made videos', () => {
  it('are where the picture changes, not where it flashes or fades', async () => {
    const shots = ['testsrc2=s=320x180:r=25:d=2', 'mandelbrot=s=320x180:r=25:start_scale=0.5', 'smptehdbars=s=320x180:r=25:d=1'];
    const path = await customVideo('cuts.mp4', [
      ...shots.flatMap((shot) => ['-f', 'lavfi', '-t', '2', '-i', shot]),
      '-filter_complex', "[0:v][1:v][2:v]concat=n=3:v=1,drawbox=c=white:t=fill:enable='between(n,20,21)',fade=out:st=4.2:d=0.8",
      '-c:v', 'libx264', '-preset', 'veryfast',
    ]);
    expect(await cutsOf(path)).toEqual([50, 100]);
  });
});

/** Clips with known cuts, or known to have none; VAMG_CLIPS names the folder that holds them. */
const clips = process.env['VAMG_CLIPS'];
const names = clips !== undefined && existsSync(clips) ? ['long-cuts-dev', 'vid-bedroom', 'vid-blocks', 'vid-cars', 'davis16-bus', 'davis16-libby'].filter((name) => existsSync(join(clips, name))) : [];
const withClips = names.length > 0 ? describe : describe.skip;

withClips('scene cuts of real clips (needs VAMG_CLIPS)', () => {
  it.each(names.length > 0 ? names : ['none'])('%s', async (name) => {
    const folder = join(clips!, name);
    const meta = JSON.parse(readFileSync(join(folder, 'meta.json'), 'utf8')) as { cuts?: number[] };
    expect(await cutsOf(existsSync(join(folder, 'video.mp4')) ? join(folder, 'video.mp4') : framesAsVideo(folder, name))).toEqual(meta.cuts ?? []);
  });
});

function framesAsVideo(folder: string, name: string): string {
  const extension = readdirSync(join(folder, 'frames'))[0]!.split('.').pop()!;
  const path = join(syntheticFolder(), `${name}.avi`);
  execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-y', '-framerate', '24', '-pattern_type', 'glob', '-i', join(folder, 'frames', `*.${extension}`), '-c', 'copy', path]);
  return path;
}
