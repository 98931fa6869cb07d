import { amgOptionsSchema } from '../../../contracts/amg-options';
import type { ImageEmbedding } from '../../../contracts/segmenter';
import { generateMasks } from '../../../core/amg/automatic-mask-generator';
import { novelPoints } from '../../../core/amg/novel-points';
import { buildPointGrid } from '../../../core/amg/point-grid';
import { blankImage, DrawnSegmenter } from './drawn-segmenter';

const SIDE = 16;

/** A picture of 160 x 80 whose features are given per cell; half of the square is padding. */
function embeddingOf(featureAt: (x: number, y: number) => readonly number[]): ImageEmbedding {
  const channels = featureAt(0, 0).length;
  const data = new Float32Array(channels * SIDE * SIDE);
  for (let y = 0; y < SIDE; y++) for (let x = 0; x < SIDE; x++) featureAt(x, y).forEach((value, c) => (data[(c * SIDE + y) * SIDE + x] = value));
  return { data, channels, gridSize: SIDE, inputSize: SIDE * 16, imageWidth: 160, imageHeight: 80, validWidth: 256, validHeight: 128 };
}

function gridOf(side: number, { imageWidth, imageHeight }: ImageEmbedding): Float32Array {
  return Float32Array.from(buildPointGrid(side).flatMap(([u, v]) => [u * imageWidth, v * imageHeight]));
}

const pairs = (points: Float32Array): [number, number][] => Array.from({ length: points.length / 2 }, (_, i) => [points[2 * i]!, points[2 * i + 1]!]);

describe('novelPoints', () => {
  it('takes the one small thing on plain ground, and little of the ground', () => {
    const spot = embeddingOf((x, y) => (x === 3 && y === 5 ? [0, 1] : [1, 0]));
    const chosen = pairs(novelPoints(spot, gridOf(16, spot), 0.1));
    expect(chosen.length).toBeLessThan(40);
    // Cell 3, 5 is what lies under 30..40, 50..60.
    expect(chosen.some(([x, y]) => x > 30 && x < 40 && y > 50 && y < 60)).toBe(true);
  });

  it('never looks at features of the padding', () => {
    const features = (inPadding: number) => embeddingOf((x, y) => (y >= 8 ? [inPadding, inPadding] : [Math.cos(x), Math.sin(y)]));
    const grid = gridOf(8, features(0));
    expect(novelPoints(features(NaN), grid, 0.2)).toEqual(novelPoints(features(1), grid, 0.2));
  });

  it('leaves no point that differs by more, takes no two that differ by less, and keeps the order of the list', () => {
    let seed = 7;
    const random = (): number => (seed = (seed * 48271) % 2147483647) / 2147483647;
    const own = embeddingOf(() => [random(), random(), random()]);
    const grid = gridOf(12, own);
    for (const novelty of [0.05, 0.15, 0.4]) {
      const chosen = pairs(novelPoints(own, grid, novelty));
      const distances = pairs(grid).map((point) => chosen.map((other) => distance(own, point, other)));
      distances.forEach((list) => expect(Math.min(...list)).toBeLessThanOrEqual(novelty + 1e-5));
      for (const [i, point] of chosen.entries()) for (const other of chosen.slice(0, i)) expect(distance(own, point, other)).toBeGreaterThan(novelty - 1e-5);
      const order = chosen.map(([x, y]) => y * 1000 + x);
      expect(order).toEqual([...order].sort((a, b) => a - b));
    }
  });

  it('takes all points at 0, one at least, and none of none', () => {
    const plain = embeddingOf(() => [0, 0]);
    const grid = gridOf(4, plain);
    expect(novelPoints(plain, grid, 0)).toBe(grid);
    expect(novelPoints(plain, grid, 2)).toHaveLength(2);
    expect(novelPoints(plain, new Float32Array(0), 0.1)).toHaveLength(0);
  });
});

/** The definition, written again without the traversal. */
function distance(embedding: ImageEmbedding, a: readonly [number, number], b: readonly [number, number]): number {
  const featureAt = ([x, y]: readonly [number, number]): number[] => {
    const [gx, gy] = [Math.max(0, Math.min(SIDE - 1, x / 10 - 0.5)), Math.max(0, Math.min(SIDE / 2 - 1, y / 10 - 0.5))];
    const [x0, y0] = [Math.floor(gx), Math.floor(gy)];
    return Array.from({ length: embedding.channels }, (_, c) => {
      const at = (dx: number, dy: number): number => embedding.data[(c * SIDE + Math.min(SIDE / 2 - 1, y0 + dy)) * SIDE + Math.min(SIDE - 1, x0 + dx)]!;
      const [fx, fy] = [gx - x0, gy - y0];
      return (at(0, 0) * (1 - fx) + at(1, 0) * fx) * (1 - fy) + (at(0, 1) * (1 - fx) + at(1, 1) * fx) * fy;
    });
  };
  const [u, v] = [featureAt(a), featureAt(b)];
  const dot = (p: readonly number[], q: readonly number[]): number => p.reduce((sum, value, i) => sum + value * q[i]!, 0);
  return 1 - dot(u, v) / Math.sqrt(dot(u, u) * dot(v, v)) + 0.32 * Math.hypot((a[0] - b[0]) / 160, (a[1] - b[1]) / 80);
}

describe('generateMasks with pointNovelty', () => {
  const disc = { x: 110, y: 60, radius: 14 };
  class SeeingSegmenter extends DrawnSegmenter {
    override async encode(): Promise<ImageEmbedding> {
      // The first two values of channel 0 are the drawn segmenter's offset.
      return embeddingOf((x, y) => (Math.hypot(x * 10 + 5 - disc.x, y * 10 + 5 - disc.y) < disc.radius ? [0, 1] : [x < 2 && y === 0 ? 0 : 1, 0.1]));
    }
  }
  const options = amgOptionsSchema.parse({ pointsPerSide: 16, pointsPerBatch: 20, stabilityScoreThresh: 0.8 });

  it.each([true, false])('finds the same with fewer prompts (exact: %s), and its progress ends at the end', async (exact) => {
    const [every, some] = [new SeeingSegmenter([disc]), new SeeingSegmenter([disc])];
    const seen: number[] = [];
    const all = await generateMasks(every, blankImage(160, 80), options, { exact });
    const found = await generateMasks(some, blankImage(160, 80), { ...options, pointNovelty: 0.1 }, { exact, onBatch: ({ pointsDone, pointsTotal }) => seen.push(pointsDone / pointsTotal) });
    expect(some.prompted.length).toBeLessThan(every.prompted.length / 3);
    expect(found.map(({ rle }) => rle)).toEqual(all.map(({ rle }) => rle));
    expect(seen.at(-1)).toBe(1);
  });
});
