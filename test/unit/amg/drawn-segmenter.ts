import type { DecodedMasks, ImageEmbedding, PromptableSegmenter, PromptBatch, RgbImage } from '../../../contracts/segmenter';

/** A disc in picture pixels. */
export interface Disc {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly iou?: number;
}

const INPUT_SIZE = 256;
const MASK_SIZE = INPUT_SIZE / 4;

/** A segmenter that knows where the discs are: the masks of a point are the disc under it, half of it, and nothing. */
export class DrawnSegmenter implements PromptableSegmenter {
  readonly inputSize = INPUT_SIZE;
  encoded: { width: number; height: number }[] = [];
  prompted: [number, number][] = [];
  refined = 0;

  /** @param offsetOf picture coordinates of the top left pixel of the n-th encoded crop. */
  constructor(private readonly discs: readonly Disc[], private readonly offsetOf: (n: number) => readonly [number, number] = () => [0, 0]) {}

  async encode(image: RgbImage, signal?: AbortSignal): Promise<ImageEmbedding> {
    signal?.throwIfAborted();
    const scale = INPUT_SIZE / Math.max(image.width, image.height);
    this.encoded.push({ width: image.width, height: image.height });
    return {
      data: Float32Array.of(...this.offsetOf(this.encoded.length - 1)),
      channels: 1,
      gridSize: INPUT_SIZE / 16,
      inputSize: INPUT_SIZE,
      imageWidth: image.width,
      imageHeight: image.height,
      validWidth: Math.round(image.width * scale),
      validHeight: Math.round(image.height * scale),
    };
  }

  async decodePoints(embedding: ImageEmbedding, prompts: PromptBatch): Promise<DecodedMasks> {
    return this.draw(embedding, prompts, 3);
  }

  async decode(embedding: ImageEmbedding, prompts: PromptBatch): Promise<DecodedMasks> {
    if (prompts.maskInput) this.refined += prompts.count;
    return this.draw(embedding, prompts, 4);
  }

  inferenceMs(): number {
    return 0;
  }

  async dispose(): Promise<void> {}

  private draw(embedding: ImageEmbedding, prompts: PromptBatch, masksPerPrompt: number): DecodedMasks {
    const { count } = prompts;
    const area = MASK_SIZE * MASK_SIZE;
    const logits = new Float32Array(count * masksPerPrompt * area).fill(-20);
    const predictedIous = new Float32Array(count * masksPerPrompt).fill(0.1);
    const [offsetX, offsetY] = embedding.data as unknown as [number, number];
    const perPixel = (embedding.inputSize * embedding.imageWidth) / (embedding.validWidth * MASK_SIZE);
    for (let p = 0; p < count; p++) {
      const x = prompts.pointCoords[2 * p]! + offsetX;
      const y = prompts.pointCoords[2 * p + 1]! + offsetY;
      this.prompted.push([x, y]);
      const disc = this.discs.find((d) => Math.hypot(d.x - x, d.y - y) < d.radius);
      if (!disc) continue;
      for (const [k, radius, iou] of [[0, disc.radius, disc.iou ?? 0.95], [1, disc.radius / 2, (disc.iou ?? 0.95) - 0.02]] as const) {
        const index = p * masksPerPrompt + k;
        predictedIous[index] = iou;
        for (let i = 0; i < area; i++) {
          const px = ((i % MASK_SIZE) + 0.5) * perPixel + offsetX;
          const py = (Math.floor(i / MASK_SIZE) + 0.5) * perPixel + offsetY;
          logits[index * area + i] = Math.max(-20, Math.min(20, (radius - Math.hypot(px - disc.x, py - disc.y)) * 8));
        }
      }
    }
    return { count, masksPerPrompt, maskSize: MASK_SIZE, logits, predictedIous };
  }
}

export function blankImage(width: number, height: number): RgbImage {
  return { width, height, data: new Uint8Array(width * height * 3) };
}
