import { VamgError } from '../../contracts/errors';
import { memoryPlaces, SAM2_SETTINGS_ROLE, sam2SettingsSchema, type Sam2Masks, type Sam2MemoryQuery, type Sam2Network, type Sam2Settings } from '../../contracts/sam2-network';
import type { DecodedMasks, ImageEmbedding, PromptableSegmenter, PromptBatch, RgbImage } from '../../contracts/segmenter';
import type { ResolvedBundle } from '../bundles/resolved-bundle';
import { openSizedGraphs, type SizedGraphs } from '../runtime/bundle-graphs';
import { readBundleSettings, takeFitting } from '../runtime/bundle-settings';
import { takeOutput, type FloatTensor, type GraphTensors } from '../runtime/ort-session';
import { toNetworkPrompts } from '../sam/network-prompts';
import { checkPrompts, promptsPerRun, type SamModelOptions } from '../sam/sam-model';
import { preprocessSquare } from './sam2-preprocess';

/** Bytes of projected memories in one run of the memory attention; what it needs besides is a few times that, and for every object at least as much as for FRAMES_AT_LEAST grids. */
const BYTES_PER_RUN = 64 * 1024 * 1024;
const FRAMES_AT_LEAST = 4;
/** Masks per prompt: the single one, and three. */
const MASKS = 4;
const MULTIMASKS = 3;

const SETTINGS_FILE = 'sam2.json';

type GraphRole = 'decoder' | 'memory-attention' | 'memory-encoder';

/**
 * Load a bundle of the `sam2` family for one input size: an image segmenter, and the networks of the video tracker. The encoder is loaded
 * now, the other graphs when first used.
 * @throws VamgError BadConfig for an input size the bundle does not offer or malformed settings; SetupMissing, InferenceFailed.
 */
export async function createSam2Model(bundle: ResolvedBundle, inputSize: number, options: SamModelOptions = {}): Promise<Sam2Model> {
  const settings = await readBundleSettings(bundle, SAM2_SETTINGS_ROLE, SETTINGS_FILE, parseSettings);
  return new Sam2Model(bundle.name, inputSize, settings, await openSizedGraphs(bundle, inputSize, options), options);
}

function parseSettings(value: unknown): Sam2Settings {
  const settings = sam2SettingsSchema.parse(value);
  if (settings.no_obj_ptr.length !== settings.hidden_dim) throw new RangeError('no_obj_ptr must have hidden_dim numbers');
  return settings;
}

/** The networks of one SAM 2 bundle. Pictures are stretched to a square, without padding. */
export class Sam2Model implements PromptableSegmenter, Sam2Network {
  private readonly cells: number;
  private readonly places: number;

  constructor(
    private readonly bundleName: string,
    readonly inputSize: number,
    readonly settings: Sam2Settings,
    private readonly own: SizedGraphs<GraphRole>,
    private readonly options: SamModelOptions,
  ) {
    this.cells = (inputSize / 16) ** 2;
    this.places = memoryPlaces(settings, inputSize);
  }

  async encode(image: RgbImage, signal?: AbortSignal): Promise<ImageEmbedding> {
    signal?.throwIfAborted();
    const { inputSize } = this;
    const outputs = await this.own.encoder.run({ image: { data: preprocessSquare(image, inputSize), dims: [1, 3, inputSize, inputSize] } });
    const square = (name: string): { data: Float32Array; channels: number; gridSize: number } => {
      const { data, dims } = takeOutput(outputs, name);
      return { data, channels: dims[1]!, gridSize: dims[2]! };
    };
    return {
      ...square('image_embeddings'),
      inputSize,
      imageWidth: image.width,
      imageHeight: image.height,
      validWidth: inputSize,
      validHeight: inputSize,
      stride4: square('stride4_features'),
      stride8: square('stride8_features'),
    };
  }

  async decode(embedding: ImageEmbedding, prompts: PromptBatch, signal?: AbortSignal): Promise<DecodedMasks> {
    checkPrompts(this.inputSize, embedding, prompts);
    const { count } = prompts;
    const maskSize = this.inputSize / 4;
    const area = maskSize * maskSize;
    // Upstream appends the unused point to every prompt, those with a box included.
    const network = toNetworkPrompts(embedding, prompts, true);
    const n = network.pointsPerPrompt;
    const logits = new Float32Array(count * MASKS * area);
    const predictedIous = new Float32Array(count * MASKS);
    const most = promptsPerRun(this.own.encoder.provider, this.options);
    for (let from = 0; from < count; from += most) {
      signal?.throwIfAborted();
      const batch = Math.min(count, from + most) - from;
      const outputs = await this.runDecoder(embedding, {
        no_memory: scalar(1),
        point_coords: { data: network.coords.subarray(from * n * 2, (from + batch) * n * 2), dims: [batch, n, 2] },
        point_labels: { data: network.labels.subarray(from * n, (from + batch) * n), dims: [batch, n] },
        ...this.maskFeeds(batch, prompts.maskInput?.subarray(from * area, (from + batch) * area) ?? null),
      });
      logits.set(this.take(outputs, 'masks', batch * MASKS * area), from * MASKS * area);
      predictedIous.set(this.take(outputs, 'iou_predictions', batch * MASKS), from * MASKS);
    }
    return { count, masksPerPrompt: MASKS, maskSize, logits, predictedIous };
  }

  async decodePoints(embedding: ImageEmbedding, prompts: PromptBatch, signal?: AbortSignal): Promise<DecodedMasks> {
    if (prompts.maskInput) throw new VamgError('Internal', 'decodePoints takes no mask input; use decode.');
    const { count, maskSize, logits, predictedIous } = await this.decode(embedding, prompts, signal);
    const area = maskSize * maskSize;
    const three = { count, masksPerPrompt: MULTIMASKS, maskSize, logits: new Float32Array(count * MULTIMASKS * area), predictedIous: new Float32Array(count * MULTIMASKS) };
    for (let p = 0; p < count; p++) {
      three.logits.set(logits.subarray((p * MASKS + 1) * area, (p + 1) * MASKS * area), p * MULTIMASKS * area);
      three.predictedIous.set(predictedIous.subarray(p * MASKS + 1, (p + 1) * MASKS), p * MULTIMASKS);
    }
    return three;
  }

  objectsPerRun(frames: number): number {
    return Math.max(1, Math.floor(BYTES_PER_RUN / (Math.max(frames * this.places, FRAMES_AT_LEAST * this.cells) * this.settings.hidden_dim * 4)));
  }

  async attend(embedding: ImageEmbedding, query: Sam2MemoryQuery, signal?: AbortSignal): Promise<Float32Array> {
    const { objects, frames, pointersPerObject, memory, times, pointers, distances } = query;
    const { hidden_dim: channels, mem_dim: memoryChannels } = this.settings;
    const outputs = await this.own.graphs.run('memory-attention', {
      image_embeddings: this.features(embedding),
      memory: { data: memory, dims: [objects, frames, memoryChannels, this.places] },
      times: { data: times, dims: [objects, frames] },
      pointers: { data: pointers, dims: [objects, pointersPerObject, channels] },
      distances: { data: distances, dims: [objects, pointersPerObject] },
    }, signal);
    return this.take(outputs, 'features', objects * channels * this.cells);
  }

  async decodeObjects(embedding: ImageEmbedding, objects: number, features: Float32Array | null, maskInput: Float32Array | null, signal?: AbortSignal): Promise<Sam2Masks> {
    signal?.throwIfAborted();
    const maskSize = this.inputSize / 4;
    const unused = 2 * objects;
    const outputs = await this.runDecoder(embedding, {
      ...(features ? { image_embeddings: { data: features, dims: [objects, this.settings.hidden_dim, embedding.gridSize, embedding.gridSize] } } : {}),
      no_memory: scalar(0),
      point_coords: { data: new Float32Array(2 * unused), dims: [objects, 2, 2] },
      point_labels: { data: new Float32Array(unused).fill(-1), dims: [objects, 2] },
      ...this.maskFeeds(objects, maskInput),
    });
    return {
      objects,
      maskSize,
      logits: this.take(outputs, 'masks', objects * MASKS * maskSize * maskSize),
      predictedIous: this.take(outputs, 'iou_predictions', objects * MASKS),
      objectScores: this.take(outputs, 'object_scores', objects),
      pointers: this.take(outputs, 'pointers', objects * MASKS * this.settings.hidden_dim),
    };
  }

  async remember(embedding: ImageEmbedding, logits: Float32Array, binarize: boolean, absent: readonly boolean[], signal?: AbortSignal): Promise<Float32Array> {
    const side = this.inputSize / 4;
    const outputs = await this.own.graphs.run('memory-encoder', {
      image_embeddings: this.features(embedding),
      mask_logits: { data: logits, dims: [absent.length, 1, side, side] },
      binarize: scalar(binarize ? 1 : 0),
      absent: { data: Float32Array.from(absent, (is) => (is ? 1 : 0)), dims: [absent.length] },
    }, signal);
    return this.take(outputs, 'memory', absent.length * this.settings.mem_dim * this.places);
  }

  inferenceMs(): number {
    return this.own.graphs.inferenceMs();
  }

  dispose(): Promise<void> {
    return this.own.graphs.dispose();
  }

  private features({ data, channels, gridSize }: ImageEmbedding): FloatTensor {
    return { data, dims: [1, channels, gridSize, gridSize] };
  }

  private maskFeeds(count: number, maskInput: Float32Array | null): Record<string, FloatTensor> {
    const side = this.inputSize / 4;
    return { mask_input: { data: maskInput ?? new Float32Array(count * side * side), dims: [count, 1, side, side] }, has_mask_input: scalar(maskInput ? 1 : 0) };
  }

  private runDecoder(embedding: ImageEmbedding, feeds: Record<string, FloatTensor>): Promise<GraphTensors> {
    const { stride4, stride8 } = embedding;
    if (embedding.inputSize !== this.inputSize || !stride4 || !stride8) throw new VamgError('Internal', `An embedding of another network was given to ${this.bundleName}.`);
    const high = ({ data, channels, gridSize }: NonNullable<typeof stride4>): FloatTensor => ({ data, dims: [1, channels, gridSize, gridSize] });
    return this.own.graphs.run('decoder', { image_embeddings: this.features(embedding), stride8_features: high(stride8), stride4_features: high(stride4), ...feeds });
  }

  private take(outputs: GraphTensors, name: string, length: number): Float32Array {
    return takeFitting(outputs, name, length, this.bundleName, SETTINGS_FILE);
  }
}

function scalar(value: number): FloatTensor {
  return { data: Float32Array.of(value), dims: [1] };
}
