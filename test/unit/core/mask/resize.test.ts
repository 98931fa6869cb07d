import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { linearTaps, resizeBilinear } from '../../../../core/mask/resize';

interface Golden {
  sw: number;
  sh: number;
  dw: number;
  dh: number;
  src: number[];
  out: number[];
}

const golden = JSON.parse(readFileSync(join(__dirname, 'resize-golden.json'), 'utf8')) as Golden[];

describe('resizeBilinear', () => {
  it.each(golden.map((g) => [`${g.sw}x${g.sh} to ${g.dw}x${g.dh}`, g] as const))('agrees with PyTorch: %s', (_, g) => {
    const out = resizeBilinear(Float32Array.from(g.src), g.sw, g.sh, g.dw, g.dh);
    out.forEach((value, i) => expect(Math.abs(value - g.out[i]!)).toBeLessThan(5e-6));
  });

  it('reads only the crop, as if the rest were not there', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        (cw, ch, dw, dh) => {
          const padded = Float32Array.from({ length: 8 * 7 }, (_, i) => Math.sin(i * 1.7));
          const cropped = Float32Array.from({ length: cw * ch }, (_, i) => padded[Math.floor(i / cw) * 8 + (i % cw)]!);
          expect(resizeBilinear(padded, 8, 7, dw, dh, undefined, cw, ch)).toEqual(resizeBilinear(cropped, cw, ch, dw, dh));
        },
      ),
    );
  });

  it('writes into the given array and keeps equal sizes unchanged', () => {
    const src = Float32Array.of(1, 2, 3, 4, 5, 6);
    const out = new Float32Array(6);
    expect(resizeBilinear(src, 3, 2, 3, 2, out)).toBe(out);
    expect(out).toEqual(src);
  });

  it('refuses sizes that do not fit', () => {
    const src = new Float32Array(4);
    expect(() => resizeBilinear(src, 3, 2, 1, 1)).toThrow('3x2 source needs 6');
    expect(() => resizeBilinear(src, 2, 2, 2, 2, new Float32Array(3))).toThrow('output needs 4');
    expect(() => resizeBilinear(src, 2, 2, 2, 2, undefined, 3, 2)).toThrow('exceeds');
    expect(() => linearTaps(0, 2)).toThrow('cannot resize');
  });
});
