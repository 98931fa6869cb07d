import { computeFlow } from '../../../core/flow/dense-flow';
import { resampleFlow, zeroFlow, type FlowField } from '../../../core/flow/flow-field';
import { toGrayImage } from '../../../core/flow/gray-image';
import { warpBitmask, warpBox, warpValues } from '../../../core/flow/flow-warp';
import { paint } from './textures';

function uniform(width: number, height: number, u: number, v: number): FlowField {
  const flow = zeroFlow(width, height);
  flow.u.fill(u);
  flow.v.fill(v);
  return flow;
}

describe('warping by flow', () => {
  it('reads values at the moved places and fills what comes from outside', () => {
    expect(Array.from(warpValues([1, 2, 3, 4], uniform(4, 1, 1, 0), -9))).toEqual([2, 3, 4, -9]);
    expect(Array.from(warpValues([0, 2, 4, 6], uniform(4, 1, 0.5, 0), -9))).toEqual([1, 3, 5, 6]);
  });

  it('carries a mask along with the picture it lies on', () => {
    const before = paint(120, 80, (x, y) => [x, y]);
    const after = paint(120, 80, (x, y) => [x - 6, y - 3]);
    const mask = { width: 120, height: 80, data: new Uint8Array(120 * 80) };
    const expected = new Uint8Array(120 * 80);
    for (let y = 30; y < 50; y++) {
      mask.data.fill(1, y * 120 + 40, y * 120 + 70);
      expected.fill(1, (y + 3) * 120 + 46, (y + 3) * 120 + 76);
    }
    const warped = warpBitmask(mask, computeFlow(after, before));
    const wrong = warped.data.reduce((sum, value, i) => sum + (value ^ expected[i]!), 0);
    expect(wrong).toBeLessThan(60); // of 600: at most about half a pixel along the edge
  });

  it('moves a box against the flow, and leaves an empty box alone', () => {
    expect(warpBox([10, 10, 20, 30], uniform(64, 64, -3, 2))).toEqual([13, 8, 23, 28]);
    expect(warpBox([0, 0, 0, 0], uniform(64, 64, -3, 2))).toEqual([0, 0, 0, 0]);
  });

  it('refuses masks of another size', () => {
    expect(() => warpBitmask({ width: 2, height: 2, data: new Uint8Array(4) }, uniform(3, 3, 0, 0))).toThrow(RangeError);
  });
});

describe('resampleFlow', () => {
  it('scales vectors with the grid', () => {
    const small = resampleFlow(uniform(100, 50, 4, -2), 50, 25);
    expect(small.u[0]).toBeCloseTo(2);
    expect(small.v[600]).toBeCloseTo(-1);
  });

  it('leaves out the padding of a square grid', () => {
    const padded = resampleFlow(uniform(100, 50, 4, -2), 50, 50, 1, 0.5);
    expect(padded.u[0]).toBeCloseTo(2);
    expect(padded.v[0]).toBeCloseTo(-1);
  });
});

describe('toGrayImage', () => {
  it('averages the pixels of a larger picture and keeps its shape', () => {
    const data = new Uint8Array(8 * 4 * 3).fill(0);
    for (let p = 0; p < 32; p += 2) data.fill(200, p * 3, p * 3 + 3);
    const gray = toGrayImage({ width: 8, height: 4, data }, 4);
    expect([gray.width, gray.height]).toEqual([4, 2]);
    expect(gray.data[0]).toBeCloseTo(100, 3);
  });

  it('refuses data of the wrong length', () => {
    expect(() => toGrayImage({ width: 2, height: 2, data: new Uint8Array(3) }, 4)).toThrow(RangeError);
  });
});
