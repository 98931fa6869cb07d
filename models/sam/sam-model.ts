import { VamgError } from '../../contracts/errors';
import type { DecodedMasks, ImageEmbedding, PromptableSegmenter, PromptBatch, RgbImage } from '../../contracts/segmenter';
import type { ResolvedBundle } from '../bundles/resolved-bundle';
import { openSizedGraphs, type SizedGraphs } from '../runtime/bundle-graphs';
import { takeOutput, type FloatTensor, type OrtOptions } from '../runtime/ort-session';
import { toNetworkPrompts, type NetworkPrompts } from './network-prompts';
import { preprocessImage } from './sam-preprocess';

export interface SamModelOptions extends OrtOptions {
  /** Most prompts per run of the decoder graph; larger batches are run in parts. Default 8 on cpu, 64 elsewhere. */
  readonly maxPromptsPerRun?: number;
}

type DecoderRole = 'decoder' | 'points-decoder';

/**
 * Load a bundle of the `sam` family for one input size. The encoder is loaded now, each decoder graph when first used.
 * @throws VamgError BadConfig for another family or an input size the bundle does not offer; SetupMissing, InferenceFailed.
 */
export async function createSamModel(bundle: ResolvedBundle, inputSize: number, options: SamModelOptions = {}): Promise<PromptableSegmenter> {
  const { family } = bundle.manifest;
  if (family !== 'sam') throw new VamgError('BadConfig', `Model bundle ${bundle.name} is of family ${family}; an image segmenter needs family sam.`);
  return new SamModel(inputSize, await openSizedGraphs(bundle, inputSize, options), options);
}

class SamModel implements PromptableSegmenter {
  private readonly promptsPerRun: number;

  constructor(
    readonly inputSize: number,
    private readonly own: SizedGraphs<DecoderRole>,
    options: SamModelOptions,
  ) {
    this.promptsPerRun = promptsPerRun(own.encoder.provider, options);
  }

  async encode(image: RgbImage, signal?: AbortSignal): Promise<ImageEmbedding> {
    signal?.throwIfAborted();
    const { inputSize } = this;
    const frame = preprocessImage(image, inputSize);
    const outputs = await this.own.encoder.run({ image: { data: frame.pixels, dims: [1, 3, inputSize, inputSize] } });
    const features = takeOutput(outputs, 'image_embeddings');
    const early = (name: 'stride4' | 'stride8'): Pick<ImageEmbedding, 'stride4' | 'stride8'> => {
      const output = outputs[`${name}_features`];
      return output ? { [name]: { data: output.data, channels: output.dims[1]!, gridSize: output.dims[2]! } } : {};
    };
    return {
      data: features.data,
      channels: features.dims[1]!,
      gridSize: features.dims[2]!,
      inputSize,
      imageWidth: image.width,
      imageHeight: image.height,
      validWidth: frame.validWidth,
      validHeight: frame.validHeight,
      ...early('stride4'),
      ...early('stride8'),
    };
  }

  decode(embedding: ImageEmbedding, prompts: PromptBatch, signal?: AbortSignal): Promise<DecodedMasks> {
    return this.runDecoder('decoder', 4, embedding, prompts, signal);
  }

  async decodePoints(embedding: ImageEmbedding, prompts: PromptBatch, signal?: AbortSignal): Promise<DecodedMasks> {
    if (prompts.maskInput) throw new VamgError('Internal', 'decodePoints takes no mask input; use decode.');
    return this.runDecoder('points-decoder', 3, embedding, prompts, signal);
  }

  inferenceMs(): number {
    return this.own.graphs.inferenceMs();
  }

  dispose(): Promise<void> {
    return this.own.graphs.dispose();
  }

  private async runDecoder(
    role: DecoderRole,
    masksPerPrompt: number,
    embedding: ImageEmbedding,
    prompts: PromptBatch,
    signal: AbortSignal | undefined,
  ): Promise<DecodedMasks> {
    checkPrompts(this.inputSize, embedding, prompts);
    signal?.throwIfAborted();
    const session = await this.own.graphs.graph(role);
    const { count } = prompts;
    const maskSize = this.inputSize / 4;
    const perPrompt = masksPerPrompt * maskSize * maskSize;
    const network = toNetworkPrompts(embedding, prompts);
    let logits = new Float32Array(0);
    let predictedIous = new Float32Array(0);
    for (let from = 0; from < count; from += this.promptsPerRun) {
      signal?.throwIfAborted();
      const to = Math.min(count, from + this.promptsPerRun);
      const outputs = await session.run(this.feeds(role, embedding, network, prompts.maskInput, from, to));
      const masks = takeOutput(outputs, 'low_res_masks').data;
      const ious = takeOutput(outputs, 'iou_predictions').data;
      if (to - from === count) return { count, masksPerPrompt, maskSize, logits: masks, predictedIous: ious };
      if (from === 0) {
        logits = new Float32Array(count * perPrompt);
        predictedIous = new Float32Array(count * masksPerPrompt);
      }
      logits.set(masks, from * perPrompt);
      predictedIous.set(ious, from * masksPerPrompt);
    }
    return { count, masksPerPrompt, maskSize, logits, predictedIous };
  }

  private feeds(role: DecoderRole, embedding: ImageEmbedding, prompts: NetworkPrompts, mask: Float32Array | undefined, from: number, to: number): Record<string, FloatTensor> {
    const n = prompts.pointsPerPrompt;
    const batch = to - from;
    const grid = embedding.gridSize;
    const feeds: Record<string, FloatTensor> = {
      image_embeddings: { data: embedding.data, dims: [1, embedding.channels, grid, grid] },
      point_coords: { data: prompts.coords.subarray(from * n * 2, to * n * 2), dims: [batch, n, 2] },
      point_labels: { data: prompts.labels.subarray(from * n, to * n), dims: [batch, n] },
    };
    if (role === 'points-decoder') return feeds;
    const side = this.inputSize / 4;
    const area = side * side;
    feeds['mask_input'] = { data: mask ? mask.subarray(from * area, to * area) : new Float32Array(batch * area), dims: [batch, 1, side, side] };
    feeds['has_mask_input'] = { data: Float32Array.of(mask ? 1 : 0), dims: [1] };
    return feeds;
  }
}

/** Most prompts in one run of a decoder on this device. */
export function promptsPerRun(provider: string, { maxPromptsPerRun }: SamModelOptions): number {
  return maxPromptsPerRun ?? (provider === 'cpu' ? 8 : 64);
}

/** @throws VamgError Internal for an embedding of another input size, or prompts whose arrays do not fit their count */
export function checkPrompts(inputSize: number, embedding: ImageEmbedding, prompts: PromptBatch): void {
  const points = prompts.count * prompts.pointsPerPrompt;
  const side = inputSize / 4;
  if (embedding.inputSize !== inputSize) throw new VamgError('Internal', `An embedding of input size ${embedding.inputSize} was given to a model of ${inputSize}.`);
  if (prompts.pointCoords.length !== points * 2 || prompts.pointLabels.length !== points)
    throw new VamgError('Internal', `${prompts.count} prompts of ${prompts.pointsPerPrompt} points need ${points * 2} coordinates and ${points} labels.`);
  if (prompts.maskInput && prompts.maskInput.length !== prompts.count * side * side) throw new VamgError('Internal', `Mask input must be [${prompts.count}, ${side}, ${side}].`);
}
