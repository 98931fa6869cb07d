import { chmodSync, readFileSync } from 'node:fs';
import { probeVideo } from '../../../adapters/ffmpeg/probe';
import { readFrames } from '../../../adapters/ffmpeg/frame-reader';
import { killAllFfmpeg, runningFfmpegCount } from '../../../adapters/ffmpeg/process-registry';
import { scanVideo } from '../../../adapters/ffmpeg/scene-cuts';
import type { VideoInfo } from '../../../contracts/video-info';
import { customFile, customVideo, syntheticVideo } from '../../support/synthetic-video';

async function collect(frames: AsyncIterable<{ frameIndex: number }>): Promise<number[]> {
  const seen: number[] = [];
  for await (const { frameIndex } of frames) seen.push(frameIndex);
  return seen;
}
const large = () => customVideo('large.mp4', ['-f', 'lavfi', '-i', 'testsrc2=s=1280x720:r=25:d=6', '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '50']);

afterEach(() => expect(runningFfmpegCount()).toBe(0));

describe('a damaged video', () => {
  it('is named with its first missing frame when it holds fewer frames than planned', async () => {
    const { path } = await syntheticVideo('cfrMp4');
    const info = await probeVideo(path);
    const tick = info.pts[1]! - info.pts[0]!;
    const planned: VideoInfo = { ...info, pts: [...info.pts, 100 * tick, 101 * tick] };
    const seen: number[] = [];
    const read = async () => {
      for await (const { frameIndex } of readFrames({ path, info: planned, startFrame: 95, endFrame: 102 })) seen.push(frameIndex);
    };
    await expect(read()).rejects.toMatchObject({
      failure: 'PoisonChunk',
      details: { frameIndex: 100, startFrame: 95, endFrame: 102 },
      message: expect.stringMatching(/^Cannot decode frame 100 \(at 4\.000 s\) of "cfr\.mp4": frames 95 to 101 were asked for/),
    });
    expect(seen).toEqual([95, 96, 97, 98, 99]);
  });

  it('is counted by what can be decoded, and its errors are counted', async () => {
    const bytes = Buffer.from(readFileSync((await syntheticVideo('openGopTs')).path));
    // A hole in the middle: transport stream packets are 188 bytes long.
    const hole = Math.floor(bytes.length / 2 / 188) * 188;
    const path = await customFile('hole.ts', Buffer.concat([bytes.subarray(0, hole), bytes.subarray(hole + 188 * 120)]));
    const { info, promisedFrames } = await scanVideo({ path, info: await probeVideo(path) });
    expect(info.pts.length).toBeLessThan(100);
    expect(info.pts.length).toBeGreaterThan(50);
    expect(promisedFrames).toBeGreaterThanOrEqual(info.pts.length);
    expect(info.decodeErrors).toBeGreaterThan(0);
    const last = info.pts.length;
    expect(await collect(readFrames({ path, info, startFrame: 0, endFrame: last }))).toHaveLength(last);
    expect(await collect(readFrames({ path, info, startFrame: last - 5, endFrame: last }))).toHaveLength(5);
  });

  it('is refused before reading when the range is not in it', async () => {
    const { path } = await syntheticVideo('gif');
    const info = await probeVideo(path);
    for (const [startFrame, endFrame] of [[-1, 3], [3, 3], [0, 31], [0.5, 2]] as const) {
      await expect(collect(readFrames({ path, info, startFrame, endFrame }))).rejects.toThrow(RangeError);
    }
  });
});

describe('stopping', () => {
  it('ends ffmpeg when the consumer has enough', async () => {
    const path = await large();
    const info = await probeVideo(path);
    for await (const frame of readFrames({ path, info, startFrame: 10, endFrame: 150 })) if (frame.frameIndex === 12) break;
    expect(runningFfmpegCount()).toBe(0);
  });

  it('ends ffmpeg when the signal fires, with the reason of the signal', async () => {
    const path = await large();
    const info = await probeVideo(path);
    const controller = new AbortController();
    const read = async () => {
      for await (const frame of readFrames({ path, info, startFrame: 0, endFrame: 150, signal: controller.signal })) {
        if (frame.frameIndex === 3) controller.abort(new Error('the user said stop'));
      }
    };
    await expect(read()).rejects.toThrow('the user said stop');
    await expect(scanVideo({ path, info, signal: controller.signal })).rejects.toThrow('the user said stop');
    await expect(probeVideo(path, undefined, controller.signal)).rejects.toThrow('the user said stop');
  });

  it('holds ffmpeg back while the consumer is slow, without taking it for hung', async () => {
    const path = await large();
    const info = await probeVideo(path);
    const frames = readFrames({ path, info, startFrame: 0, endFrame: 150, queueFrames: 2, idleMs: 4000 });
    await frames.next();
    const before = process.memoryUsage().arrayBuffers;
    await new Promise((resolve) => setTimeout(resolve, 4500));
    // 150 frames would be 415 MB.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40e6);
    expect((await frames.next()).value?.frameIndex).toBe(1);
    await frames.return();
  });

  it('ends an ffmpeg that hangs, and says at which frame', async () => {
    const { path } = await syntheticVideo('cfrMp4');
    const info = await probeVideo(path);
    // Answers like ffmpeg when asked for its version and formats, then sleeps.
    const hung = await customFile('hung-ffmpeg', '#!/bin/sh\ncase "$*" in -version|-formats|-encoders) exec ffmpeg "$@";; esac\nexec sleep 60\n');
    chmodSync(hung, 0o755);
    const previous = process.env['FFMPEG_PATH'];
    process.env['FFMPEG_PATH'] = hung;
    try {
      const started = Date.now();
      await expect(collect(readFrames({ path, info, startFrame: 5, endFrame: 9, idleMs: 300 }))).rejects.toMatchObject({
        failure: 'PoisonChunk', message: expect.stringMatching(/frame 5 .*ffmpeg made no progress and was ended/),
      });
      await expect(scanVideo({ path, info, idleMs: 300 })).rejects.toMatchObject({ failure: 'PoisonVideo', message: expect.stringContaining('made no progress') });
      expect(Date.now() - started).toBeLessThan(20_000);
    } finally {
      if (previous === undefined) delete process.env['FFMPEG_PATH'];
      else process.env['FFMPEG_PATH'] = previous;
    }
  });

  it('kills everything at shutdown', async () => {
    const path = await large();
    const info = await probeVideo(path);
    const frames = readFrames({ path, info, startFrame: 0, endFrame: 150, queueFrames: 1 });
    await frames.next();
    expect(runningFfmpegCount()).toBe(1);
    killAllFfmpeg();
    await expect(collect(frames)).rejects.toMatchObject({ name: 'VamgError' });
  });
});
