import { amgOptionsSchema } from '../../../contracts/amg-options';
import type { PromptableSegmenter } from '../../../contracts/segmenter';
import { generateMasks } from '../../../core/amg/automatic-mask-generator';
import { rleIou } from '../../../core/mask/rle-ops';
import { fromCocoRle } from '../../../core/mask/rle-string';
import type { CocoRle, Rle } from '../../../core/mask/types';
import { ensureBundle } from '../../../models/bundles';
import { createSamModel } from '../../../models/sam/sam-model';
import { readFixtureImage, readGolden } from './support';

/** Records of the PyTorch original with the same weights (infra/export/mobilesam/golden_amg.py). */
interface AmgGolden {
  readonly frame: string;
  readonly inputSize: number;
  readonly options: Readonly<Record<string, unknown>>;
  readonly records: readonly { segmentation: CocoRle; bbox: number[]; crop_box: number[]; predicted_iou: number; stability_score: number }[];
}

const CASES = ['blocks-default', 'bottles-crops', 'cars-min-area'] as const;
const MATCH_IOU = 0.98;
const MATCH_SHARE = 0.98;

describe('the mask generator against the PyTorch original', () => {
  let segmenter: PromptableSegmenter;
  beforeAll(async () => {
    segmenter = await createSamModel(await ensureBundle('mobilesam'), 1024);
  });
  afterAll(() => segmenter?.dispose());

  it.each(CASES)('finds the masks of %s, in the same order, exactly and with early filters', async (name) => {
    const golden = readGolden<AmgGolden>(`amg/${name}.json.gz`);
    const image = await readFixtureImage(golden.frame);
    const options = amgOptionsSchema.parse(camelCased(golden.options));
    const expected = golden.records.map((record) => fromCocoRle(record.segmentation));
    // The decoder runs once: the second pass gets the answers of the first.
    const recorded = recordAnswers(segmenter);
    for (const exact of [true, false]) {
      const records = await generateMasks(recorded, image, options, { exact });
      const masks = records.map((record) => record.rle);
      expect(matchedShare(expected, masks)).toBeGreaterThanOrEqual(MATCH_SHARE);
      expect(matchedShare(masks, expected)).toBeGreaterThanOrEqual(MATCH_SHARE);
      if (exact) expect(records.map((record) => record.cropBoxXywh)).toEqual(golden.records.map((record) => record.crop_box));
      records.forEach((record, i) => {
        expect(record.predictedIou).toBeCloseTo(golden.records[i]!.predicted_iou, 3);
        expect(record.stabilityScore).toBeCloseTo(golden.records[i]!.stability_score, 2);
      });
    }
  });
});

function matchedShare(from: readonly Rle[], to: readonly Rle[]): number {
  if (from.length === 0) return to.length === 0 ? 1 : 0;
  return from.filter((mask) => to.some((other) => rleIou(mask, other) >= MATCH_IOU)).length / from.length;
}

/** points_per_side -> pointsPerSide. */
function camelCased(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).map(([key, value]) => [key.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()), value]));
}

/** Answers equal questions, asked in the same order, from memory: its answers are looked at again, so none is released. */
function recordAnswers(segmenter: PromptableSegmenter): PromptableSegmenter {
  const answers = new Map<string, Promise<unknown>>();
  const remember = <T>(key: string, ask: () => Promise<T>): Promise<T> => {
    if (!answers.has(key)) answers.set(key, ask());
    return answers.get(key) as Promise<T>;
  };
  return {
    inputSize: segmenter.inputSize,
    encode: (image) => remember(`${image.width}x${image.height} ${image.data.reduce((sum, v, i) => (sum + v * (i % 97)) % 1e9, 0)}`, () => segmenter.encode(image)),
    decode: (embedding, prompts) => segmenter.decode(embedding, prompts),
    decodePoints: (embedding, prompts) => remember(`${embedding.data[1000]} ${prompts.pointCoords.join()}`, async () => ({ ...(await segmenter.decodePoints(embedding, prompts)), release: () => undefined })),
    inferenceMs: () => segmenter.inferenceMs(),
    dispose: async () => undefined,
  };
}
