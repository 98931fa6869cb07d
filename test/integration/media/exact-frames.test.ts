import { scanVideo } from '../../../adapters/ffmpeg/scene-cuts';
import { probeVideo } from '../../../adapters/ffmpeg/probe';
import { readFrames } from '../../../adapters/ffmpeg/frame-reader';
import { runningFfmpegCount } from '../../../adapters/ffmpeg/process-registry';
import type { VideoInfo } from '../../../contracts/video-info';
import { timelinePart } from '../../../core/pipeline/timeline-part';
import { customVideo, SYNTHETIC_VIDEOS, syntheticVideo, type SyntheticVideoName } from '../../support/synthetic-video';

const KINDS = (Object.keys(SYNTHETIC_VIDEOS) as SyntheticVideoName[]).filter((name) => name !== 'audioOnlyMp4');

/** @param timelineStart where `info` holds only the timeline from there on */
async function hashes(path: string, info: VideoInfo, startFrame: number, endFrame: number, frameStep = 1, timelineStart = 0): Promise<string[]> {
  const result: string[] = [];
  for await (const frame of readFrames({ path, info, startFrame, endFrame, frameStep, timelineStart })) {
    expect(frame.pts).toBe(info.pts[frame.frameIndex - timelineStart]);
    result.push(`${frame.frameIndex}:${frame.hash}`);
  }
  return result;
}

describe.each(KINDS)('%s', (name) => {
  it('delivers as many frames as planned, of the size that was promised, and the same ones from wherever reading starts', async () => {
    const video = await syntheticVideo(name);
    const probed = await probeVideo(video.path);
    const scan = await scanVideo({ path: video.path, info: probed });
    const { info } = scan;
    expect({ width: info.width, height: info.height }).toEqual({ width: video.width, height: video.height });
    expect(info.isVerified).toBe(true);
    if (video.frames >= 0) expect(info.pts).toHaveLength(video.frames);
    // VP8 has packets that are never shown, and B-frames in avi have no timestamps; every other container keeps its promise.
    if (name !== 'vp8Webm' && name !== 'mpeg4Avi') expect(info.pts).toEqual(probed.pts);
    expect(scan.sceneCuts).toEqual([]);

    const all = await hashes(video.path, info, 0, info.pts.length);
    expect(all).toHaveLength(info.pts.length);
    expect(new Set(all.map((entry) => entry.split(':')[1])).size).toBe(all.length);
    const last = info.pts.length - 1;
    for (const start of [1, 20, Math.floor(last * 0.6), last - 2]) {
      const end = Math.min(start + 5, last + 1);
      expect(await hashes(video.path, info, start, end)).toEqual(all.slice(start, end));
    }
    expect(await hashes(video.path, info, 3, 18, 4)).toEqual([3, 7, 11, 15].map((frame) => all[frame]));
    const from = Math.floor(last * 0.6);
    expect(await hashes(video.path, timelinePart(info, from, from + 5), from + 1, from + 5, 1, from)).toEqual(all.slice(from + 1, from + 5));
    await expect(hashes(video.path, timelinePart(info, from, from + 5), from - 1, from + 5, 1, from)).rejects.toThrow(RangeError);
    expect(runningFfmpegCount()).toBe(0);
  });
});

describe('turned videos', () => {
  it('are turned as ffmpeg turns them', async () => {
    const { path } = await syntheticVideo('rotatedMp4');
    const turned = await customVideo('turned.nut', ['-i', path, '-frames:v', '1', '-sws_flags', 'bicubic+accurate_rnd+full_chroma_int+bitexact', '-pix_fmt', 'gbrp', '-c:v', 'ffv1']);
    const [ours] = await pixels(path);
    const [theirs] = await pixels(turned);
    expect(ours!.length).toBe(theirs!.length);
    const error = ours!.reduce((sum, value, i) => sum + Math.abs(value - theirs![i]!), 0) / ours!.length;
    expect(error).toBeLessThan(2);
  });
});

async function pixels(path: string): Promise<Uint8Array[]> {
  const result: Uint8Array[] = [];
  for await (const frame of readFrames({ path, info: await probeVideo(path), startFrame: 0, endFrame: 1 })) result.push(frame.rgb);
  return result;
}
