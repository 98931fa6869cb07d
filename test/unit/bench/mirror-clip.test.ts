import type { Clip } from '../../../bench/study/clip';
import { mirrorClip } from '../../../bench/study/mirror-clip';
import { decodeRle, encodeRle } from '../../../core/mask/rle';

/** One picture of 3 x 2 pixels, object 7 on its left column and object 9 in its top right corner; 255 is not judged. */
const labels = { width: 3, height: 2, data: Uint8Array.of(7, 0, 9, 7, 255, 0) };
const maskOf = (label: number) => encodeRle({ width: 3, height: 2, data: labels.data.map((value) => Number(value === label)) });
const clip: Clip = {
  name: 'hill',
  frames: 1,
  images: async function* () {
    yield { width: 3, height: 2, data: Uint8Array.from({ length: 18 }, (_, i) => i) };
  },
  truth: () => new Map([7, 9].map((label) => [label, maskOf(label)])),
  truthSource: async (frame) => (frame === 0 ? { labels, voidLabel: 255 } : null),
  size: { width: 3, height: 2 },
  scan: () => Promise.reject(new Error('not scanned here')),
};

describe('a clip in the mirror', () => {
  const mirrored = mirrorClip(clip);

  it('has a name of its own, so that nothing kept of the clip is taken for it', () => {
    expect(mirrored.name).toBe('hill-mirrored');
    expect([mirrored.frames, mirrored.size, mirrored.scan]).toEqual([clip.frames, clip.size, clip.scan]);
  });

  it('has each row of a picture from its end to its start, colours as they were', async () => {
    for await (const { width, height, data } of mirrored.images(0, 1)) expect([width, height, ...data]).toEqual([3, 2, 6, 7, 8, 3, 4, 5, 0, 1, 2, 15, 16, 17, 12, 13, 14, 9, 10, 11]);
  });

  it('has its truth in the same places as its pictures', async () => {
    expect([...mirrored.truth(0)].map(([id, rle]) => [id, ...decodeRle(rle).data])).toEqual([[7, 0, 0, 1, 0, 0, 1], [9, 1, 0, 0, 0, 0, 0]]);
    const found = await mirrored.truthSource(0);
    expect([...found!.labels.data]).toEqual([9, 0, 7, 0, 255, 7]);
    expect(found!.voidLabel).toBe(255);
    expect(await mirrored.truthSource(1)).toBeNull();
  });

  it('is the clip again in a second mirror', async () => {
    expect((await mirrorClip(mirrored).truthSource(0))!.labels.data).toEqual(Int32Array.from(labels.data));
  });
});
