import type { DecodedMasks, ImageEmbedding, PromptableSegmenter, PromptBatch, RgbImage } from '../../../contracts/segmenter';

const INPUT_SIZE = 128;
const GRID = INPUT_SIZE / 16;
const SIDE = INPUT_SIZE / 4;
const BACKGROUND: readonly number[] = [90, 90, 90];

/** The parts of a drawn picture by colour: what the fake "sees". Kept beside the embedding, as the decoder's only input. */
const pictures = new WeakMap<Float32Array, RgbImage>();

/** The picture that a FakeSegmenter made this embedding of. */
export function pictureOf(embedding: ImageEmbedding): RgbImage {
  return pictures.get(embedding.data)!;
}

/**
 * A segmenter that segments drawn shapes. Shapes have one colour each; the background is noise of low contrast (see drawScene).
 * A prompt's points, or else the middle of its box, pick a colour; the first and third mask are all pixels of this colour in
 * the box (grown a little), the second its left half, the fourth empty. The embedding holds mean colours, so shapes look different.
 */
export class FakeSegmenter implements PromptableSegmenter {
  readonly inputSize = INPUT_SIZE;
  encodes = 0;
  prompts = 0;
  decodeCalls = 0;

  async encode(image: RgbImage, signal?: AbortSignal): Promise<ImageEmbedding> {
    signal?.throwIfAborted();
    this.encodes++;
    const scale = INPUT_SIZE / Math.max(image.width, image.height);
    const data = new Float32Array(4 * GRID * GRID);
    const cell = 16 / scale;
    for (let gy = 0; gy < GRID; gy++) {
      for (let gx = 0; gx < GRID; gx++) {
        const x = Math.min(image.width - 1, floor((gx + 0.5) * cell));
        const y = Math.min(image.height - 1, floor((gy + 0.5) * cell));
        for (let c = 0; c < 3; c++) data[(c * GRID + gy) * GRID + gx] = image.data[(y * image.width + x) * 3 + c]! / 128;
        data[(3 * GRID + gy) * GRID + gx] = 1;
      }
    }
    pictures.set(data, image);
    return {
      data,
      channels: 4,
      gridSize: GRID,
      inputSize: INPUT_SIZE,
      imageWidth: image.width,
      imageHeight: image.height,
      validWidth: Math.round(image.width * scale),
      validHeight: Math.round(image.height * scale),
    };
  }

  async decode(embedding: ImageEmbedding, prompts: PromptBatch, signal?: AbortSignal): Promise<DecodedMasks> {
    signal?.throwIfAborted();
    this.decodeCalls++;
    this.prompts += prompts.count;
    const image = pictures.get(embedding.data)!;
    const logits = new Float32Array(prompts.count * 4 * SIDE * SIDE).fill(-10);
    const predictedIous = new Float32Array(prompts.count * 4);
    for (let n = 0; n < prompts.count; n++) {
      const { colour, box } = this.readPrompt(prompts, n, image);
      predictedIous.set(isBackground(colour) ? [0.3, 0.2, 0.3, 0.1] : [0.95, 0.6, 0.94, 0.1], n * 4);
      this.drawMask(logits, n, image, embedding, colour, box);
    }
    return { count: prompts.count, masksPerPrompt: 4, maskSize: SIDE, logits, predictedIous };
  }

  decodePoints(): Promise<DecodedMasks> {
    throw new Error('trackers do not use the point decoder');
  }

  inferenceMs(): number {
    return 0;
  }

  async dispose(): Promise<void> {}

  private readPrompt(prompts: PromptBatch, n: number, image: RgbImage): { colour: readonly number[]; box: readonly number[] } {
    const k = prompts.pointsPerPrompt;
    const at = (i: number): [number, number] => [prompts.pointCoords[(n * k + i) * 2]!, prompts.pointCoords[(n * k + i) * 2 + 1]!];
    const labels = prompts.pointLabels.subarray(n * k, n * k + k);
    const [x0, y0] = at(labels.indexOf(2));
    const [x1, y1] = at(labels.indexOf(3));
    const point = labels.indexOf(1);
    const [px, py] = point >= 0 ? at(point) : [(x0 + x1) / 2, (y0 + y1) / 2];
    const x = Math.min(image.width - 1, Math.max(0, Math.floor(px)));
    const y = Math.min(image.height - 1, Math.max(0, Math.floor(py)));
    const p = (y * image.width + x) * 3;
    const margin = 0.15 * Math.max(x1 - x0, y1 - y0) + 2;
    return { colour: Array.from(image.data.subarray(p, p + 3)), box: [x0 - margin, y0 - margin, x1 + margin, y1 + margin] };
  }

  private drawMask(logits: Float32Array, n: number, image: RgbImage, embedding: ImageEmbedding, colour: readonly number[], box: readonly number[]): void {
    const cell = (image.width / embedding.validWidth) * 4;
    for (let gy = 0; gy < embedding.validHeight / 4; gy++) {
      for (let gx = 0; gx < embedding.validWidth / 4; gx++) {
        const x = floor((gx + 0.5) * cell);
        const y = floor((gy + 0.5) * cell);
        if (x >= image.width || y >= image.height || x < box[0]! || y < box[1]! || x > box[2]! || y > box[3]!) continue;
        if (!sameColour(image, x, y, colour)) continue;
        const i = gy * SIDE + gx;
        logits[n * 4 * SIDE * SIDE + i] = 10;
        logits[(n * 4 + 2) * SIDE * SIDE + i] = 10;
        if (x < (box[0]! + box[2]!) / 2) logits[(n * 4 + 1) * SIDE * SIDE + i] = 10;
      }
    }
  }
}

const { abs, floor } = Math;

function isBackground(colour: readonly number[]): boolean {
  return colour.every((value, c) => abs(value - BACKGROUND[c]!) < 25);
}

function sameColour(image: RgbImage, x: number, y: number, colour: readonly number[]): boolean {
  const { data } = image;
  const p = (y * image.width + x) * 3;
  return abs(data[p]! - colour[0]!) < 30 && abs(data[p + 1]! - colour[1]!) < 30 && abs(data[p + 2]! - colour[2]!) < 30;
}
