import { chmodSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { probeVideo, DEFAULT_VIDEO_LIMITS } from '../../../adapters/ffmpeg/probe';
import { scanVideo } from '../../../adapters/ffmpeg/scene-cuts';
import { videoInfoSchema } from '../../../contracts/video-info';
import { customFile, customVideo, syntheticFolder, syntheticVideo } from '../../support/synthetic-video';

const poison = (message: RegExp) => ({ name: 'VamgError', failure: 'PoisonVideo', message: expect.stringMatching(message) });

describe('what the probe says about a video', () => {
  it('covers codec, size, time and sound of an ordinary one', async () => {
    const { path } = await syntheticVideo('cfrMp4');
    const info = await probeVideo(path);
    expect(videoInfoSchema.parse(JSON.parse(JSON.stringify(info)))).toEqual(info);
    expect(info).toMatchObject({
      codec: 'h264', pixelFormat: 'yuv420p', codedWidth: 160, codedHeight: 120, rotation: 0, sampleAspectRatio: { num: 1, den: 1 }, width: 160, height: 120,
      isVariableFrameRate: false, nominalFrameRate: { num: 25, den: 1 }, startPts: 0, durationSeconds: 4, audioStreams: 1, audioCodecs: ['aac'], isTimelineOrdered: true, isVerified: false,
    });
    expect(info.seekPoints.length).toBeGreaterThanOrEqual(3);
  });

  it('knows a late start, a variable rate, a turned picture and pixels that are not square', async () => {
    const [late, variable, turned, wide] = await Promise.all(
      (['openGopTs', 'vfrMkv', 'rotatedMp4', 'anamorphicMp4'] as const).map(async (name) => probeVideo((await syntheticVideo(name)).path)),
    );
    expect((late!.startPts * late!.timeBase.num) / late!.timeBase.den).toBeGreaterThan(10);
    expect(late!.isVariableFrameRate).toBe(false);
    expect(variable!.isVariableFrameRate).toBe(true);
    expect(turned).toMatchObject({ rotation: 90, codedWidth: 160, codedHeight: 120, width: 120, height: 160 });
    expect(wide).toMatchObject({ sampleAspectRatio: { num: 4, den: 3 }, codedWidth: 120, width: 160, height: 120 });
  });

  it('follows symbolic links and takes names that look like options or addresses', async () => {
    const { path } = await syntheticVideo('gif');
    for (const name of ['-y.gif', 'http:x %s.gif', "it's.gif"]) {
      const link = join(syntheticFolder(), name);
      symlinkSync(path, link);
      expect((await probeVideo(link)).codec).toBe('gif');
    }
  });
});

/** A file of a few kilobytes that claims pictures of 12000 x 12000 pixels (FFV1 takes its size from the container). */
async function pictureBomb(): Promise<string> {
  const bytes = readFileSync(await customVideo('small.mkv', ['-f', 'lavfi', '-i', 'color=s=300x300:r=1:d=1', '-c:v', 'ffv1']));
  for (const id of [0xb0, 0xba]) {
    const at = bytes.indexOf(Uint8Array.of(id, 0x82, 300 >> 8, 300 & 255));
    expect(at).toBeGreaterThan(0);
    bytes.writeUInt16BE(12000, at + 2);
  }
  return customFile('bomb.mkv', bytes);
}

describe('what cannot be used is said in one sentence', () => {
  const files: [string, () => Promise<string> | string, RegExp][] = [
    ['a missing file', () => '/absent/film.mp4', /^"film.mp4" does not exist; check the path\.$/],
    ['a folder', () => syntheticFolder(), /is a folder; give one video file/],
    ['a device', () => '/dev/null', /is not a regular file/],
    ['an empty file', () => customFile('empty.mp4', ''), /is empty \(0 bytes\)/],
    ['a text file', () => customFile('notes.txt', 'just words\n'.repeat(50)), /is not (in a video format that is accepted|a video)/],
    ['text with the name of a video', () => customFile('words.mp4', 'just words\n'.repeat(50)), /is not (in a video format that is accepted|a video)/],
    ['noise', () => customFile('noise.mp4', Uint8Array.from({ length: 5000 }, (_, i) => (i * i * 7919) >> 5)), /is not (in a video format that is accepted|a video)/],
    ['a playlist', () => customFile('list.mp4', '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n'), /is not (in a video format that is accepted|a video)/],
    ['sound without pictures', async () => (await syntheticVideo('audioOnlyMp4')).path, /holds only sound, no pictures/],
    ['a picture over the size limit', pictureBomb, /has pictures of 12000x12000 pixels, more than the limit of 35000000/],
  ];
  it.each(files)('%s', async (_, make, message) => {
    await expect(probeVideo(await make())).rejects.toMatchObject(poison(message));
  });

  it('a video that is cut off', async () => {
    const whole = readFileSync((await syntheticVideo('cfrMp4')).path);
    const path = await customFile('cut-off.mp4', whole.subarray(0, whole.length - 8000));
    await expect(probeVideo(path)).rejects.toMatchObject(poison(/cut off: its index \(the moov atom\) is missing/));
  });

  it('a video over the limits on time, frames and pixels', async () => {
    const { path } = await syntheticVideo('cfrMp4');
    await expect(probeVideo(path, { ...DEFAULT_VIDEO_LIMITS, maxDurationSeconds: 2 })).rejects.toMatchObject(poison(/lasts 4 s, more than the limit of 2 s/));
    await expect(probeVideo(path, { ...DEFAULT_VIDEO_LIMITS, maxFrames: 50 })).rejects.toMatchObject(poison(/more than 50 frames/));
    await expect(probeVideo(path, { ...DEFAULT_VIDEO_LIMITS, maxPixels: 160 * 119 })).rejects.toMatchObject(poison(/160x120 pixels, more than the limit|over the size limit/));
  });

  it('a video over the limit of frames, however much ffprobe has still to say', async () => {
    const path = await customVideo('long.mkv', ['-f', 'lavfi', '-i', 'testsrc2=s=32x32:r=25:d=120', '-c:v', 'libx264', '-preset', 'ultrafast']);
    // Whether output is left over is a matter of chance, so often.
    for (let i = 0; i < 20; i++) await expect(probeVideo(path, { ...DEFAULT_VIDEO_LIMITS, maxFrames: 1 })).rejects.toMatchObject(poison(/more than 1 frames/));
  });

  // root may read everything.
  (process.getuid?.() === 0 ? it.skip : it)('a file that this user may not read', async () => {
    const path = await customFile('secret.mp4', 'x');
    chmodSync(path, 0);
    await expect(probeVideo(path)).rejects.toMatchObject(poison(/may not be read by this user/));
  });

  it('a video stream without a single frame', async () => {
    const path = await customVideo('no-frames.mkv', ['-f', 'lavfi', '-i', 'testsrc2=s=64x48:d=1', '-c:v', 'libx264', '-frames:v', '1', '-bsf:v', 'noise=drop=1']);
    await expect(probeVideo(path)).rejects.toMatchObject(poison(/frame|how large|not a video|no video stream/));
  });

  it('a video whose frames cannot be decoded', async () => {
    const bytes = Buffer.from(readFileSync((await syntheticVideo('vfrMkv')).path));
    // Everything after the head of the first cluster, with the frames.
    bytes.fill(0x55, bytes.indexOf(Uint8Array.of(0x1f, 0x43, 0xb6, 0x75)) + 30);
    const path = await customFile('scrambled.mkv', bytes);
    const attempt = async () => scanVideo({ path, info: await probeVideo(path) });
    await expect(attempt()).rejects.toMatchObject(poison(/scrambled\.mkv/));
  });
});
