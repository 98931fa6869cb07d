import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { probeVideo } from '../../../adapters/ffmpeg/probe';
import { readFrames } from '../../../adapters/ffmpeg/frame-reader';
import { hashFile } from '../../../adapters/store/hash-file';
import { main } from '../../../cli/main';
import { FRAMES, HEIGHT, WIDTH, squareLeft, writeViewerResult } from '../../support/viewer-result';

describe('vamg edit --video', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'vamg-edit-overlay-'));
  const at = (...names: string[]): string => path.join(folder, ...names);
  let out = '';
  beforeEach(() => {
    out = '';
    jest.spyOn(process.stdout, 'write').mockImplementation((part) => ((out += String(part)), true));
    jest.spyOn(process.stderr, 'write').mockImplementation(() => true);
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Colour in the middle of object 1 on the first frame. */
  async function middleOf(film: string): Promise<number[]> {
    for await (const { rgb } of readFrames({ path: film, info: await probeVideo(film), startFrame: 0, endFrame: 1 })) {
      const pixel = (34 * WIDTH + squareLeft(0) + 3) * 3;
      return [...rgb.subarray(pixel, pixel + 3)];
    }
    return [];
  }

  it('draws the film again with the IDs of now, from the video of the result alone', async () => {
    await writeViewerResult(at('film'));
    copyFileSync(at('film', 'viewer', 'preview.mp4'), at('source.mp4'));
    const summary = JSON.parse(readFileSync(at('film', 'result.json'), 'utf8')) as { video: { id: string } };
    summary.video.id = (await hashFile(at('source.mp4'))).sha256;
    writeFileSync(at('film', 'result.json'), JSON.stringify(summary));
    writeFileSync(at('other.mp4'), 'another film');
    expect(await main(['edit', at('film'), 'rename', '1', '5', '--video', at('other.mp4')])).toBe(2);
    expect(await main(['edit', at('film'), '--video', at('source.mp4'), '--json'])).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ overlay: 'current', edits: [{ edit: { edit: 'overlay' }, overlay: 'drawn' }] });
    const before = await middleOf(at('film', 'overlay.mp4'));
    out = '';
    expect(await main(['edit', at('film'), 'delete', '1', '--json'])).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ overlay: 'outdated' });
    expect(await middleOf(at('film', 'overlay.mp4'))).toEqual(before);
    out = '';
    expect(await main(['edit', at('film'), '--video', at('source.mp4'), '--json'])).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ overlay: 'current', editsInForce: 1 });
    const info = await probeVideo(at('film', 'overlay.mp4'));
    expect([info.pts.length, info.width, info.height]).toEqual([FRAMES, WIDTH, HEIGHT]);
    // Without its mask, the square is as white as in the video.
    const after = await middleOf(at('film', 'overlay.mp4'));
    expect(Math.min(...after)).toBeGreaterThan(230);
    expect(Math.min(...before)).toBeLessThan(200);
  });
});
