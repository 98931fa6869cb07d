import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { readFrames } from '../../../adapters/ffmpeg/frame-reader';
import { DEFAULT_VIDEO_LIMITS, probeVideo } from '../../../adapters/ffmpeg/probe';
import { runningFfmpegCount } from '../../../adapters/ffmpeg/process-registry';
import { scanVideo, type VideoScan } from '../../../adapters/ffmpeg/scene-cuts';
import { VamgError } from '../../../contracts/errors';
import { syntheticFolder, syntheticVideo } from '../../support/synthetic-video';
import { canSeeMemory, watchChildren } from './child-memory';
import { Listener } from './listener';
import { BOMBS, BROKEN, flippedBytes, manyFrames, PLAYLISTS } from './poison-files';

/** What one small file may cost while it is refused, per ffmpeg process. 12000 x 12000 pixels are 216 MB as YUV 4:2:0. */
const MOST_MEGABYTES = 150;

let listener: Listener;
beforeAll(async () => {
  listener = await Listener.start();
});
afterAll(async () => await listener.stop());
afterEach(() => expect(runningFfmpegCount()).toBe(0));

/** All that the product does with a video before the networks: probe, decode once for the timeline, decode to frames. */
async function examine(path: string): Promise<{ scan: VideoScan; frames: number }> {
  const scan = await scanVideo({ path, info: await probeVideo(path) });
  let frames = 0;
  for await (const frame of readFrames({ path, info: scan.info, startFrame: 0, endFrame: scan.info.pts.length })) if (frame.rgb.length > 0) frames++;
  return { scan, frames };
}

describe.each([...BROKEN, ...PLAYLISTS, ...BOMBS])('$what', ({ make, says }) => {
  it('is PoisonVideo in one sentence without a path, calls nobody, and costs little memory', async () => {
    const path = await make((name) => listener.url(name));
    const { outcome, peakMegabytes } = await watchChildren('ff', () => examine(path));
    expect(outcome.status).toBe('rejected');
    const error = (outcome as PromiseRejectedResult).reason as VamgError;
    expect(error).toBeInstanceOf(VamgError);
    expect([error.failure, error.message]).toEqual(['PoisonVideo', expect.stringMatching(says)]);
    expect(error.message).not.toContain(syntheticFolder());
    expect(error.message).not.toMatch(/\n|\p{Cc}| at .*\.(ts|js)|\/etc\/|root:/u);
    expect(listener.connections).toBe(0);
    expect(peakMegabytes).toBeLessThan(MOST_MEGABYTES);
  });
});

describe('what is strange but can be used', () => {
  it('bytes turned over: decoded as far as possible, errors counted, and every frame of the timeline is there', async () => {
    const { scan, frames } = await examine(await flippedBytes());
    expect(scan.info.decodeErrors).toBeGreaterThan(0);
    expect(scan.info.pts.length).toBeGreaterThan(0);
    expect(scan.info.pts.length).toBeLessThanOrEqual(scan.promisedFrames);
    expect(frames).toBe(scan.info.pts.length);
  });

  it('1,000 frames a second, 60,100 in all: read as what it is within little memory, and given up at once over the limit', async () => {
    const path = await manyFrames();
    const before = process.memoryUsage().heapUsed;
    const { outcome, peakMegabytes } = await watchChildren('ff', () => probeVideo(path));
    expect(outcome).toMatchObject({ status: 'fulfilled', value: { nominalFrameRate: { num: 1000, den: 1 }, durationSeconds: expect.closeTo(60.1, 1) as number } });
    expect((outcome as PromiseFulfilledResult<{ pts: readonly number[] }>).value.pts).toHaveLength(60_100);
    expect(peakMegabytes).toBeLessThan(MOST_MEGABYTES);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(60e6);
    await expect(probeVideo(path, { ...DEFAULT_VIDEO_LIMITS, maxFrames: 30_000 })).rejects.toMatchObject({ failure: 'PoisonVideo', message: expect.stringMatching(/has more than 30000 frames; cut it or raise the limit\.$/) as string });
  });
});

describe('the test itself', () => {
  const run = promisify(execFile);
  const ffmpeg = process.env['FFMPEG_PATH'] ?? 'ffmpeg';

  it('its listener is heard of by those who call it', async () => {
    const own = await Listener.start();
    await fetch(own.url('x'));
    await run(ffmpeg, ['-v', 'quiet', '-i', own.url('a.mp4'), '-f', 'null', '-']).catch(() => undefined);
    expect(own.connections).toBeGreaterThanOrEqual(2);
    await own.stop();
  });

  (canSeeMemory ? it : it.skip)('its memory figures are those of the processes: the same bomb without our limits is over the line', async () => {
    const path = await BOMBS[0]!.make(() => '');
    const { seen, peakMegabytes } = await watchChildren('ff', () => run(ffmpeg, ['-v', 'error', '-nostdin', '-i', path, '-pix_fmt', 'rgb24', '-f', 'null', '-']));
    expect(seen).toBe(1);
    expect(peakMegabytes).toBeGreaterThan(MOST_MEGABYTES);
    const { frames } = await examine((await syntheticVideo('gif')).path);
    expect(frames).toBe(30);
  });
});
