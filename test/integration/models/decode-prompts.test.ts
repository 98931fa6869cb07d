import type { ImageEmbedding, PromptableSegmenter } from '../../../contracts/segmenter';
import { rleArea, rleHasPixel } from '../../../core/mask/rle';
import { decodePrompts, type PointPrompt } from '../../../core/tracking/decode-prompts';
import { maskGridOf } from '../../../core/tracking/mask-grid';
import { ensureBundle } from '../../../models/bundles';
import { createSamModel } from '../../../models/sam/sam-model';
import { readFixtureImage, readGolden } from './support';

interface GoldenPrompt {
  readonly name: string;
  /** In pixels of the network's input. */
  readonly coords: [number, number][];
  readonly labels: number[];
  readonly maskInputOf?: unknown;
  readonly iouPredictions: number[];
}

describe('a user\'s prompts against the PyTorch original', () => {
  const golden = readGolden<{ frame: string; prompts: readonly GoldenPrompt[] }>('model/blocks-512.json');
  const asked = golden.prompts.filter(({ maskInputOf }) => maskInputOf === undefined);
  let segmenter: PromptableSegmenter;
  let embedding: ImageEmbedding;
  beforeAll(async () => {
    segmenter = await createSamModel(await ensureBundle('mobilesam'), 512);
    embedding = await segmenter.encode(await readFixtureImage(golden.frame));
  });
  afterAll(() => segmenter?.dispose());

  /** Corners are labels 2 and 3, padding -1. */
  function toPrompt({ coords, labels }: GoldenPrompt): PointPrompt {
    const scale = embedding.imageWidth / embedding.validWidth;
    const at = (label: number): [number, number] => coords[labels.indexOf(label)]!.map((value) => value * scale) as [number, number];
    const points = coords.flatMap(([x, y], i) => ([0, 1].includes(labels[i]!) ? [[x * scale, y * scale] as const] : []));
    return { points, labels: labels.filter((label) => label === 0 || label === 1), box: labels.includes(2) ? [...at(2), ...at(3)] : null, mask: null };
  }

  it('choose the mask that SAM chooses, all kinds asked together', async () => {
    const prompts = asked.map(toPrompt);
    expect(new Set(prompts.map(({ points, box }) => `${points.length} ${box !== null}`)).size).toBeGreaterThan(1);
    const answers = await decodePrompts(segmenter, embedding, maskGridOf(embedding), prompts);
    const expected = asked.map(({ iouPredictions: [single, ...three] }, i) => {
      const isOnePoint = prompts[i]!.points.length === 1 && prompts[i]!.box === null;
      return isOnePoint ? Math.max(...three) : single!;
    });
    answers.forEach((answer, i) => expect([asked[i]!.name, answer!.score.toFixed(3)]).toEqual([asked[i]!.name, Math.min(1, expected[i]!).toFixed(3)]));
  });

  it('start from a mask: a point off it takes that part away', async () => {
    const grid = maskGridOf(embedding);
    const box: PointPrompt = toPrompt(asked.find(({ labels }) => labels.includes(2))!);
    const [whole] = await decodePrompts(segmenter, embedding, grid, [{ ...box, points: [], labels: [] }]);
    const [x0, y0, x1, y1] = box.box!;
    const inside: [number, number] = [(x0 + x1) / 2, (y0 + y1) / 2];
    const [same, less] = await decodePrompts(segmenter, embedding, grid, [1, 0].map((label) => ({ points: [inside], labels: [label], box: null, mask: whole!.rle })));
    expect(rleHasPixel(same!.rle, Math.floor(inside[0]), Math.floor(inside[1]))).toBe(true);
    expect(rleArea(less?.rle ?? { ...whole!.rle, counts: Uint32Array.of(0) })).toBeLessThan(rleArea(same!.rle));
  });
});
