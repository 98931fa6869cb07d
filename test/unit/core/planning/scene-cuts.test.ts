import { DEFAULT_SCENE_CUT_OPTIONS, detectSceneCuts, SceneDiffMeter, type SceneDiff } from '../../../../core/planning/scene-cuts';
import { sceneDistance, sceneSignature, THUMBNAIL_BYTES, THUMBNAIL_HEIGHT, THUMBNAIL_WIDTH } from '../../../../core/planning/scene-signature';

// The sandbox of jest makes every look-up of a global slow.
const { sin, max, min } = Math;

/** Smooth random picture, different for every seed, shifted sideways by whole pixels. */
function thumbnail(seed: number, shift = 0, gain = 1): Uint8Array {
  const rgb = new Uint8Array(THUMBNAIL_BYTES);
  for (let c = 0; c < 3; c++) {
    const across = Array.from({ length: THUMBNAIL_WIDTH }, (_, x) => sin((x + shift) * (0.11 + 0.07 * ((seed * 7 + c) % 5)) + seed * 3));
    const down = Array.from({ length: THUMBNAIL_HEIGHT }, (_, y) => sin(y * (0.13 + 0.05 * ((seed * 5 + c) % 7)) + c * seed));
    for (let i = 0; i < THUMBNAIL_BYTES / 3; i++) {
      const wave = across[i % THUMBNAIL_WIDTH]! + down[(i / THUMBNAIL_WIDTH) | 0]!;
      rgb[i * 3 + c] = max(0, min(255, gain * (90 + 20 * ((seed + c) % 4) + 45 * wave)));
    }
  }
  return rgb;
}

function cutsOf(frames: readonly Uint8Array[]): number[] {
  const meter = new SceneDiffMeter();
  for (const frame of frames) meter.push(sceneSignature(frame));
  const diffs = meter.finish();
  expect(diffs).toHaveLength(frames.length);
  return detectSceneCuts(diffs);
}
const shot = (seed: number, frames: number, speed = 0.3): Uint8Array[] => Array.from({ length: frames }, (_, i) => thumbnail(seed, Math.round(i * speed)));

describe('scene cuts', () => {
  it('are found where one shot follows another', () => {
    expect(cutsOf([...shot(1, 20), ...shot(2, 15), ...shot(1, 12)])).toEqual([20, 35]);
  });

  it('are not seen in still, moving or fast moving pictures', () => {
    for (const speed of [0, 1, 4, 9]) expect(cutsOf(shot(3, 40, speed))).toEqual([]);
  });

  it('are not seen in flashes of one and two frames', () => {
    const white = new Uint8Array(THUMBNAIL_BYTES).fill(255);
    expect(cutsOf([...shot(1, 15), white, ...shot(1, 15), white, white, ...shot(1, 15)])).toEqual([]);
  });

  it('are not seen when only the light changes', () => {
    const lit = Array.from({ length: 30 }, (_, i) => thumbnail(2, 0, i < 15 ? 0.7 : 1));
    expect(cutsOf(lit)).toEqual([]);
  });

  it('are found next to either end, down to one frame', () => {
    expect(cutsOf([...shot(1, 1), ...shot(2, 10), ...shot(4, 1)])).toEqual([1, 11]);
  });

  it('need at least two frames', () => {
    expect(cutsOf([])).toEqual([]);
    expect(cutsOf(shot(1, 1))).toEqual([]);
    expect(cutsOf([...shot(1, 1), ...shot(2, 1)])).toEqual([1]);
  });

  it('keep the stronger of two that are too near each other', () => {
    const quiet: SceneDiff = { across: 0, within: 0 };
    const diffs = [quiet, quiet, { across: 0.5, within: 0 }, { across: 0.7, within: 0 }, quiet, quiet];
    expect(detectSceneCuts(diffs)).toEqual([3]);
    expect(detectSceneCuts(diffs, { ...DEFAULT_SCENE_CUT_OPTIONS, minShotFrames: 1 })).toEqual([2, 3]);
    expect(detectSceneCuts(diffs, { ...DEFAULT_SCENE_CUT_OPTIONS, minDistance: 0.6 })).toEqual([3]);
  });
});

describe('the distance of two frames', () => {
  it('is 0 to itself, symmetric, and at most 1', () => {
    const [a, b] = [sceneSignature(thumbnail(1)), sceneSignature(thumbnail(2))];
    expect(sceneDistance(a, a)).toBeLessThan(0.01);
    expect(sceneDistance(a, b)).toBeCloseTo(sceneDistance(b, a), 12);
    const [black, white] = [0, 255].map((value) => sceneSignature(new Uint8Array(THUMBNAIL_BYTES).fill(value)));
    expect(sceneDistance(black!, white!)).toBe(1);
  });

  it('refuses thumbnails of another size', () => {
    expect(() => sceneSignature(new Uint8Array(12))).toThrow(RangeError);
  });
});
