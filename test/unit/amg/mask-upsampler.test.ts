import fc from 'fast-check';
import { createLogitScan, scanLogits, viewOfMask } from '../../../core/amg/logit-scan';
import { MaskUpsampler } from '../../../core/amg/mask-upsampler';
import { decodeRle } from '../../../core/mask/rle';
import { resizeBilinear } from '../../../core/mask/resize';

const INPUT = 64;
const SIZE = 16;
const CUTS = { low: -1, mid: 0, high: 1 };

/** SAM's postprocess_masks, done step by step. */
function resizeInSteps(logits: Float32Array, frame: { imageWidth: number; imageHeight: number; validWidth: number; validHeight: number }): Float32Array {
  const square = resizeBilinear(logits, SIZE, SIZE, INPUT, INPUT);
  return resizeBilinear(square, INPUT, INPUT, frame.imageWidth, frame.imageHeight, undefined, frame.validWidth, frame.validHeight);
}

/** Smooth blobs: random values on a 4x4 grid, enlarged. */
const blobs = fc
  .array(fc.integer({ min: -12, max: 12 }), { minLength: 16, maxLength: 16 })
  .map((values) => resizeBilinear(Float32Array.from(values), 4, 4, SIZE, SIZE));

const frames = fc.record({ imageWidth: fc.integer({ min: 1, max: 150 }), imageHeight: fc.integer({ min: 1, max: 150 }) }).map(({ imageWidth, imageHeight }) => {
  const scale = INPUT / Math.max(imageWidth, imageHeight);
  const fit = (side: number): number => Math.max(1, Math.floor(side * scale + 0.5));
  return { inputSize: INPUT, imageWidth, imageHeight, validWidth: fit(imageWidth), validHeight: fit(imageHeight) };
});

function countAbove(values: Float32Array, cut: number): number {
  return values.reduce((n, value) => n + (value > cut ? 1 : 0), 0);
}

describe('MaskUpsampler', () => {
  it('gives the mask, areas and box of the two resizes done one after the other', () => {
    fc.assert(
      fc.property(frames, fc.array(blobs, { minLength: 1, maxLength: 3 }), (frame, masks) => {
        const upsampler = new MaskUpsampler(frame, SIZE, CUTS);
        const scan = createLogitScan();
        for (const logits of masks) {
          const expected = resizeInSteps(logits, frame);
          if (expected.some((value) => [CUTS.low, CUTS.mid, CUTS.high].some((cut) => Math.abs(value - cut) < 1e-4))) continue;
          const view = viewOfMask(logits, 0, SIZE);
          scanLogits(view, SIZE, Math.ceil(frame.validWidth / 4), Math.ceil(frame.validHeight / 4), CUTS, scan);
          upsampler.upsample(view, scan);
          expect(upsampler.areaLow).toBe(countAbove(expected, CUTS.low));
          expect(upsampler.areaHigh).toBe(countAbove(expected, CUTS.high));
          expect(upsampler.isEmpty).toBe(countAbove(expected, CUTS.mid) === 0);
          const mask = decodeRle(upsampler.toRle(0, 0, frame.imageWidth, frame.imageHeight));
          expect(Buffer.from(mask.data).equals(Buffer.from(Uint8Array.from(expected, (value) => (value > 0 ? 1 : 0))))).toBe(true);
          if (!upsampler.isEmpty) expect(upsampler.box).toEqual(inclusiveBox(mask));
        }
      }),
      { numRuns: 300, seed: 7 },
    );
  });
});

function inclusiveBox({ width, data }: { width: number; data: Uint8Array }): number[] {
  const xs: number[] = [];
  const ys: number[] = [];
  data.forEach((value, i) => value && (xs.push(i % width), ys.push(Math.floor(i / width))));
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}
