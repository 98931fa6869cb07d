import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { probeVideo } from '../../../adapters/ffmpeg/probe';
import { readFrames } from '../../../adapters/ffmpeg/frame-reader';
import { openOverlayPart } from '../../../adapters/ffmpeg/overlay-writer';
import { joinOverlayParts } from '../../../adapters/ffmpeg/overlay-join';
import { runningFfmpegCount } from '../../../adapters/ffmpeg/process-registry';
import { scanVideo } from '../../../adapters/ffmpeg/scene-cuts';
import { frameDurationTicks, frameTimeSeconds, type VideoInfo } from '../../../contracts/video-info';
import { customVideo, syntheticFolder, syntheticVideo, type SyntheticVideoName } from '../../support/synthetic-video';

async function writePart(source: string, info: VideoInfo, startFrame: number, endFrame: number, path: string): Promise<void> {
  const writer = await openOverlayPart({ path, width: info.width, height: info.height, timeBase: info.timeBase });
  try {
    for await (const frame of readFrames({ path: source, info, startFrame, endFrame })) {
      await writer.write(frame.rgb, frame.pts, frameDurationTicks(info, frame.frameIndex));
    }
    await writer.finish();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

async function meanError(source: string, sourceInfo: VideoInfo, firstFrame: number, film: string, filmInfo: VideoInfo): Promise<number> {
  const films = readFrames({ path: film, info: filmInfo, startFrame: 0, endFrame: filmInfo.pts.length });
  let worst = 0;
  for await (const frame of readFrames({ path: source, info: sourceInfo, startFrame: firstFrame, endFrame: firstFrame + filmInfo.pts.length })) {
    const other = (await films.next()).value!;
    let sum = 0;
    for (let y = 0; y < frame.height; y++) {
      for (let x = 0; x < frame.width * 3; x++) sum += Math.abs(frame.rgb[y * frame.width * 3 + x]! - other.rgb[y * other.width * 3 + x]!);
    }
    worst = Math.max(worst, sum / frame.rgb.length);
  }
  await films.return();
  return worst;
}

describe.each<SyntheticVideoName>(['cfrMp4', 'vfrMkv', 'openGopTs', 'rotatedMp4', 'gif', 'oddMkv'])('an overlay of %s', (name) => {
  it('keeps the time of every frame within a millisecond when it is joined from parts', async () => {
    const video = await syntheticVideo(name);
    const { info } = await scanVideo({ path: video.path, info: await probeVideo(video.path) });
    const end = info.pts.length - 1;
    const borders = [2, 6, Math.floor(end / 2), end];
    const parts = await Promise.all(
      borders.slice(0, -1).map(async (startFrame, i) => {
        const path = join(syntheticFolder(), `${name} part ${i}.mp4`);
        await writePart(video.path, info, startFrame, borders[i + 1]!, path);
        return { path, startFrame };
      }),
    );
    const out = join(syntheticFolder(), `${name} overlay.mp4`);
    const joined = await joinOverlayParts({ parts, endFrame: end, info, audioSource: video.path, out });
    const film = await probeVideo(out);
    expect(joined.hasAudio).toBe(info.audioStreams > 0);
    expect(film).toMatchObject({ codec: 'h264', pixelFormat: 'yuv420p', audioStreams: Math.min(1, info.audioStreams), rotation: 0 });
    expect([film.width, film.height]).toEqual([info.width + (info.width % 2), info.height + (info.height % 2)]);
    const times = film.pts.map((_, i) => frameTimeSeconds(film, i));
    const wanted = info.pts.slice(2, end).map((_, i) => frameTimeSeconds(info, i + 2) - frameTimeSeconds(info, 2));
    expect(times).toHaveLength(wanted.length);
    for (const [i, time] of times.entries()) expect(Math.abs(time - wanted[i]!)).toBeLessThan(0.001);
    expect(film.startPts).toBe(0);
    // Halved colour resolution alone costs up to 11 on these small, gaudy pictures.
    expect(await meanError(video.path, info, 2, out, film)).toBeLessThan(12);
    expect(runningFfmpegCount()).toBe(0);
  });
});

describe('the sound of an overlay', () => {
  it.each(['mp4', 'ts', 'mkv'])('stays with the picture when a middle part of a %s is taken', async (extension) => {
    // Silence, then a tone from 2 s on.
    const tone = "aevalsrc='if(gte(t,2),sin(2000*t),0)':s=44100:d=4";
    const path = await customVideo(`tone.${extension}`, [
      '-f', 'lavfi', '-i', 'testsrc2=s=160x120:r=25:d=4', '-f', 'lavfi', '-i', tone,
      '-c:v', 'libx264', '-g', '50', '-c:a', extension === 'mkv' ? 'libvorbis' : 'aac', ...(extension === 'ts' ? ['-output_ts_offset', '7'] : []),
    ]);
    const info = await probeVideo(path);
    const part = join(syntheticFolder(), `tone-part-${extension}.mp4`);
    await writePart(path, info, 30, 80, part);
    const out = join(syntheticFolder(), `tone-overlay-${extension}.mp4`);
    expect(await joinOverlayParts({ parts: [{ path: part, startFrame: 30 }], endFrame: 80, info, audioSource: path, out })).toEqual({ hasAudio: true });
    expect((await probeVideo(out)).audioCodecs).toEqual(['aac']);
    const samples = await soundOf(out);
    // Frame 30 is at 1.2 s, so the tone begins 0.8 s into the film; a packet of sound lasts 23 ms.
    expect(Math.abs(samples.findIndex((value) => Math.abs(value) > 3000) / 8000 - 0.8)).toBeLessThan(0.05);
    expect(samples.length / 8000).toBeGreaterThan(1.9);
    expect(samples.length / 8000).toBeLessThan(2.15);
  });
});

describe('the sound of a film of variable frame rate', () => {
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=s=160x120:r=30:d=3'];
  const vary = ['-vf', "select='mod(n,7)',setpts='PTS+if(gt(N,40),0.75/TB,0)'", '-fps_mode', 'passthrough', '-c:v', 'libx264', '-preset', 'veryfast', '-g', '20', '-bf', '2', '-c:a', 'aac'];
  /** A tone from 1 s of the sound on. */
  const tone = ['-f', 'lavfi', '-i', "aevalsrc='if(gte(t,1),sin(2000*t),0)':s=44100:d=2.5"];

  it.each([
    ['begins with the picture', 0, [...picture, ...tone]],
    ['begins after the picture', 0.6, [...picture, '-itsoffset', '0.6', ...tone]],
    ['begins before the picture', -0.4, ['-itsoffset', '0.4', ...picture, ...tone]],
  ])('that %s is heard when it was, over the whole film and over a part', async (what, offset, inputs) => {
    const path = await customVideo(`vary ${what}.mkv`, [...inputs, ...vary, '-output_ts_offset', '5']);
    const { info } = await scanVideo({ path, info: await probeVideo(path) });
    expect([info.isVariableFrameRate, info.audioStreams]).toEqual([true, 1]);
    for (const startFrame of [0, 15]) {
      const part = join(syntheticFolder(), `vary-${startFrame}.mp4`);
      await writePart(path, info, startFrame, info.pts.length, part);
      const out = join(syntheticFolder(), `vary-${startFrame}-overlay.mp4`);
      expect(await joinOverlayParts({ parts: [{ path: part, startFrame }], endFrame: info.pts.length, info, audioSource: path, out })).toEqual({ hasAudio: true });
      const heard = (await soundOf(out)).findIndex((value) => Math.abs(value) > 3000) / 8000;
      expect(Math.abs(heard - (1 + offset - frameTimeSeconds(info, startFrame)))).toBeLessThan(0.05);
      const film = await probeVideo(out);
      film.pts.forEach((_, i) => expect(Math.abs(frameTimeSeconds(film, i) - (frameTimeSeconds(info, startFrame + i) - frameTimeSeconds(info, startFrame)))).toBeLessThan(0.001));
    }
  });
});

describe('an overlay of ten-bit pictures of odd size', () => {
  it('has their colours and times', async () => {
    const path = await customVideo('ten-bit.mkv', ['-f', 'lavfi', '-i', 'testsrc2=s=160x120:r=10:d=2', '-vf', "scale=101:75,select='mod(n,5)'", '-fps_mode', 'passthrough', '-c:v', 'ffv1', '-pix_fmt', 'yuv422p10le']);
    const { info } = await scanVideo({ path, info: await probeVideo(path) });
    expect(info).toMatchObject({ pixelFormat: 'yuv422p10le', width: 101, height: 75 });
    const part = join(syntheticFolder(), 'ten-bit-part.mp4');
    await writePart(path, info, 0, info.pts.length, part);
    const film = await probeVideo(part);
    expect(film).toMatchObject({ pixelFormat: 'yuv420p', width: 102, height: 76 });
    expect(film.pts.map((_, i) => frameTimeSeconds(film, i))).toEqual(info.pts.map((_, i) => frameTimeSeconds(info, i)));
    expect(await meanError(path, info, 0, part, film)).toBeLessThan(12);
  });
});

/** 8 kHz mono samples, in time with the film: what is missing at its beginning is silence. */
async function soundOf(path: string): Promise<Int16Array> {
  const args = ['-nostdin', '-v', 'error', '-i', path, '-vn', '-af', 'aresample=8000:async=1:first_pts=0', '-ac', '1', '-f', 's16le', 'pipe:1'];
  const { stdout } = await promisify(execFile)('ffmpeg', args, { encoding: 'buffer', maxBuffer: 1 << 22 });
  return new Int16Array(Uint8Array.from(stdout).buffer);
}

describe('overlay parts', () => {
  it('leave nothing behind when they are given up', async () => {
    const path = join(syntheticFolder(), 'given-up.mp4');
    const writer = await openOverlayPart({ path, width: 64, height: 48, timeBase: { num: 1, den: 25 } });
    await writer.write(new Uint8Array(64 * 48 * 3), 0, 1);
    await writer.abort();
    expect(existsSync(path)).toBe(false);
    expect(existsSync(`${path}.partial`)).toBe(false);
    expect(runningFfmpegCount()).toBe(0);
  });

  it('refuse frames of another size and times that do not ascend', async () => {
    const writer = await openOverlayPart({ path: join(syntheticFolder(), 'refuse.mp4'), width: 64, height: 48, timeBase: { num: 1, den: 25 } });
    await writer.write(new Uint8Array(64 * 48 * 3), 5, 1);
    await expect(writer.write(new Uint8Array(10), 6, 1)).rejects.toThrow(RangeError);
    await expect(writer.write(new Uint8Array(64 * 48 * 3), 5, 1)).rejects.toThrow('ascend');
    await writer.abort();
  });

  it('say so when the folder to write to does not exist', async () => {
    const writer = await openOverlayPart({ path: join(syntheticFolder(), 'absent', 'film.mp4'), width: 64, height: 48, timeBase: { num: 1, den: 25 } });
    const write = async (): Promise<void> => {
      for (let pts = 0; pts < 500; pts++) await writer.write(new Uint8Array(64 * 48 * 3), pts, 1);
      await writer.finish();
    };
    await expect(write()).rejects.toMatchObject({ name: 'VamgError', message: expect.stringContaining('overlay film could not be written') });
  });
});
