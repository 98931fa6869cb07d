import { decodeFirstFrameMask } from '../../../adapters/png/first-frame-mask';
import { encodeGray16Png, encodeIndexedPng } from '../../../adapters/png/indexed-png';
import { rleArea } from '../../../core/mask/rle';

const SIZE = { width: 4, height: 2 };

describe('decodeFirstFrameMask', () => {
  it('gives every value above 0 as an object, 255 in 8-bit files left out', async () => {
    const png = await encodeIndexedPng({ ...SIZE, data: Uint8Array.of(0, 9, 9, 255, 3, 3, 3, 0) });
    const objects = decodeFirstFrameMask(png, SIZE);
    expect([...objects].map(([id, rle]) => [id, rleArea(rle)])).toEqual([[3, 3], [9, 2]]);
  });

  it('takes more objects from 16-bit files', async () => {
    const png = await encodeGray16Png({ ...SIZE, data: Uint16Array.of(0, 255, 256, 1000, 0, 0, 0, 0) });
    expect([...decodeFirstFrameMask(png, SIZE).keys()]).toEqual([255, 256, 1000]);
  });

  it('refuses another size than the video, no object, and what is no label map', async () => {
    const png = await encodeIndexedPng({ ...SIZE, data: new Uint8Array(8) });
    expect(() => decodeFirstFrameMask(png, { width: 8, height: 2 })).toThrow('The first-frame mask is 4x2, the video 8x2');
    expect(() => decodeFirstFrameMask(png, SIZE)).toThrow('holds no object');
    expect(() => decodeFirstFrameMask(Buffer.from('no picture'), SIZE)).toThrow(expect.objectContaining({ failure: 'PoisonImage' }));
  });
});
