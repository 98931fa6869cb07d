import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeJpeg, readImageRgb, writeRgbPng } from '../../../adapters/png/png';
import { encodeIndexedPng } from '../../../adapters/png/indexed-png';

const folder = mkdtempSync(join(tmpdir(), 'vamg-png-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const gradient = { width: 5, height: 3, data: Uint8Array.from({ length: 45 }, (_, i) => (i * 37) % 256) };

/** A JPEG with an EXIF header that says how it is to be turned. */
function withOrientation(jpeg: Buffer, orientation: number): Buffer {
  const exif = Buffer.from(`ffe1002245786966000049492a0008000000010012010300010000000${orientation}00000000000000`, 'hex');
  return Buffer.concat([jpeg.subarray(0, 2), exif, jpeg.subarray(2)]);
}

describe('pictures', () => {
  it('come back from PNG as they were written', async () => {
    const path = join(folder, 'gradient.png');
    await writeRgbPng(path, gradient);
    expect(await readImageRgb(path)).toEqual(gradient);
  });

  it('are read with their palette resolved to colours', async () => {
    const path = join(folder, 'indexed.png');
    await writeFile(path, await encodeIndexedPng({ width: 2, height: 1, data: Uint8Array.of(0, 1) }));
    expect(await readImageRgb(path)).toEqual({ width: 2, height: 1, data: Uint8Array.of(0, 0, 0, 128, 0, 0) });
  });

  it('are turned upright as EXIF says', async () => {
    const path = join(folder, 'turned.jpg');
    await writeFile(path, withOrientation(await encodeJpeg({ width: 40, height: 20, data: new Uint8Array(2400) }), 6));
    expect(await readImageRgb(path)).toMatchObject({ width: 20, height: 40 });
  });

  it('are refused with one sentence when they cannot be used', async () => {
    const file = (name: string, content: string): string => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><rect width="4" height="4"/></svg>';
    const cases: [string, RegExp][] = [
      [join(folder, 'absent.png'), /^"absent.png" does not exist/],
      [folder, /is not a file/],
      [file('empty.png', ''), /is empty/],
      [file('text.png', 'not a picture'), /is not a picture, or is damaged/],
      [file('vector.svg', svg), /is svg, which is not accepted/],
    ];
    for (const [path, message] of cases) await expect(readImageRgb(path)).rejects.toMatchObject({ failure: 'PoisonImage', message: expect.stringMatching(message) });
    const path = join(folder, 'large.png');
    await writeRgbPng(path, gradient);
    await expect(readImageRgb(path, { maxPixels: 14 })).rejects.toMatchObject({ failure: 'PoisonImage', message: expect.stringContaining('5x3 pixels') });
  });

  it('are not written when their data does not fit', async () => {
    await expect(writeRgbPng(join(folder, 'x.png'), { width: 9, height: 9, data: new Uint8Array(3) })).rejects.toThrow(RangeError);
  });
});
