import { VamgError } from '../../contracts/errors';
import type { DecodedMasks, ImageEmbedding, PromptableSegmenter, PromptBatch, RgbImage } from '../../contracts/segmenter';
import { pictureCells } from '../../core/geometry/picture-cells';
import type { ResolvedBundle } from '../bundles/resolved-bundle';
import { bundleFilePath } from '../bundles/resolved-bundle';
import { openSizedGraphs, sizedGraphs, type BundleGraphs } from '../runtime/bundle-graphs';
import { candidateProviders } from '../runtime/execution-providers';
import { takeOutput, type FloatTensor, type OrtOptions } from '../runtime/ort-session';
import { EncoderThread, encoderThreads } from './encoder-thread';
import { MaskSquare, SpareSquares } from './mask-square';
import { toNetworkPrompts, type NetworkPrompts } from './network-prompts';
import { runEncoder } from './run-encoder';
import { preprocessImage } from './sam-preprocess';

export interface SamModelOptions extends OrtOptions {
  /** Most prompts per run of the decoder graph; larger batches are run in parts. Default 8 on cpu, 64 elsewhere. */
  readonly maxPromptsPerRun?: number;
  /** Run the encoder on a thread of its own where there is only the CPU, so that pictures can be encoded ahead (core/tracking/encode-ahead). Needs the compiled program. */
  readonly encoderThread?: boolean;
}

type DecoderRole = 'decoder' | 'points-decoder';

/**
 * Load a bundle of the `sam` family for one input size. The encoder is loaded now, each decoder graph when first used.
 * @throws VamgError BadConfig for another family or an input size the bundle does not offer; SetupMissing, InferenceFailed.
 */
export async function createSamModel(bundle: ResolvedBundle, inputSize: number, options: SamModelOptions = {}): Promise<PromptableSegmenter> {
  const { family } = bundle.manifest;
  if (family !== 'sam') throw new VamgError('BadConfig', `Model bundle ${bundle.name} is of family ${family}; an image segmenter needs family sam.`);
  const isCpu = candidateProviders(options.device ?? 'cpu').every((provider) => provider === 'cpu');
  const intraOpThreads = encoderThreads(options.intraOpThreads);
  if (options.encoderThread === true && isCpu && intraOpThreads > 0) {
    const graphs = sizedGraphs<DecoderRole>(bundle, inputSize, options);
    const role = `encoder-${inputSize}`;
    const thread = await EncoderThread.start({ graphPath: bundleFilePath(bundle, role), label: `${bundle.name} ${role}`, inputSize, intraOpThreads });
    return new SamModel(inputSize, graphs, (image, signal) => thread.encode(image, signal), promptsPerRun('cpu', options), thread);
  }
  const { graphs, encoder } = await openSizedGraphs<DecoderRole>(bundle, inputSize, options);
  return new SamModel(inputSize, graphs, (image) => runEncoder(encoder, inputSize, preprocessImage(image, inputSize)), promptsPerRun(encoder.provider, options));
}

class SamModel implements PromptableSegmenter {
  private readonly spares = new SpareSquares();

  constructor(
    readonly inputSize: number,
    private readonly graphs: Pick<BundleGraphs<DecoderRole>, 'graph' | 'inferenceMs' | 'dispose'>,
    private readonly encodePicture: (image: RgbImage, signal?: AbortSignal) => Promise<ImageEmbedding>,
    private readonly promptsPerRun: number,
    private readonly thread: EncoderThread | null = null,
  ) {}

  prepare(image: RgbImage): void {
    this.thread?.prepare(image);
  }

  async encode(image: RgbImage, signal?: AbortSignal): Promise<ImageEmbedding> {
    signal?.throwIfAborted();
    return this.encodePicture(image, signal);
  }

  decode(embedding: ImageEmbedding, prompts: PromptBatch, signal?: AbortSignal): Promise<DecodedMasks> {
    return this.runDecoder('decoder', 4, embedding, prompts, signal);
  }

  async decodePoints(embedding: ImageEmbedding, prompts: PromptBatch, signal?: AbortSignal): Promise<DecodedMasks> {
    if (prompts.maskInput) throw new VamgError('Internal', 'decodePoints takes no mask input; use decode.');
    return this.runDecoder('points-decoder', 3, embedding, prompts, signal);
  }

  inferenceMs(): number {
    return this.graphs.inferenceMs() + (this.thread?.inferenceMs() ?? 0);
  }

  async dispose(): Promise<void> {
    await Promise.all([this.graphs.dispose(), this.thread?.dispose()]);
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
    const session = await this.graphs.graph(role);
    // Graphs that were exported before they could leave out what is no picture give the whole square.
    const takesCells = session.inputNames.includes('picture_cells');
    const { count } = prompts;
    const maskSize = this.inputSize / 4;
    const cells = maskedCells(embedding, maskSize, takesCells && prompts.pictureOnly === true);
    const square = new MaskSquare(count * masksPerPrompt, { side: maskSize, rows: 4 * cells.rows, columns: 4 * cells.columns }, this.spares);
    const predictedIous = new Float32Array(count * masksPerPrompt);
    const network = toNetworkPrompts(embedding, prompts);
    for (let from = 0; from < count; from += this.promptsPerRun) {
      signal?.throwIfAborted();
      const to = Math.min(count, from + this.promptsPerRun);
      const feeds = this.feeds(role, embedding, network, prompts.maskInput, from, to);
      const outputs = await session.run(takesCells ? { ...feeds, picture_cells: { data: Float32Array.of(cells.rows, cells.columns), dims: [2] } } : feeds);
      square.put(from * masksPerPrompt, takeOutput(outputs, 'low_res_masks').data);
      predictedIous.set(takeOutput(outputs, 'iou_predictions').data, from * masksPerPrompt);
    }
    return { count, masksPerPrompt, maskSize, logits: square.logits, predictedIous, release: () => square.release() };
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

/** Cells of 16 x 16 input pixels, from the top left, for which masks are made: all, or those that hold the picture's mask pixels and one more each way, which resizing reads. */
function maskedCells(embedding: ImageEmbedding, maskSize: number, pictureOnly: boolean): { readonly rows: number; readonly columns: number } {
  if (!pictureOnly) return { rows: maskSize / 4, columns: maskSize / 4 };
  const { rows, columns } = pictureCells(embedding, maskSize);
  const around = (pixels: number): number => Math.ceil(Math.min(maskSize, pixels + 1) / 4);
  return { rows: around(rows), columns: around(columns) };
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
