import { VamgError } from '../../contracts/errors';
import { MEMORY_GRAPHS, memorySizesSchema, type FrameKey, type MemoryAnswer, type MemoryNetwork, type MemoryQuery, type MemorySizes, type QueryFrame } from '../../contracts/memory-network';
import type { FeatureSquare, ImageEmbedding } from '../../contracts/segmenter';
import { hasMemoryNetwork } from '../bundles/prefer-bundle';
import type { ResolvedBundle } from '../bundles/resolved-bundle';
import { BundleGraphs } from '../runtime/bundle-graphs';
import { readBundleSettings, takeFitting, takeFittingHalfs } from '../runtime/bundle-settings';
import type { FloatTensor, GraphTensors, OrtOptions } from '../runtime/ort-session';
import { cropFeatures, memoryGridOf } from './memory-grid';

const SIZES_FILE = 'memory.json';

type MemoryGraph = (typeof MEMORY_GRAPHS)[number];

/**
 * Load the memory network of a bundle: its three graphs, for any picture size (their grid is dynamic).
 * @throws VamgError BadConfig when the bundle has none or its sizes are malformed; SetupMissing, InferenceFailed.
 */
export async function createMemoryModel(bundle: ResolvedBundle, options: OrtOptions = {}): Promise<MemoryNetwork> {
  if (!hasMemoryNetwork(bundle.manifest))
    throw new VamgError('BadConfig', `Model bundle ${bundle.name} has no memory network; use --tracker prompt, or a bundle that has one: mobilesam, or one of the SAM 2 family (docs/models.md says how to get it).`);
  const sizes = await readBundleSettings(bundle, 'memory-sizes', SIZES_FILE, (value) => memorySizesSchema.parse(value));
  const graphs = new BundleGraphs<MemoryGraph>(bundle, options);
  try {
    for (const role of MEMORY_GRAPHS) await graphs.graph(role);
  } catch (error) {
    await graphs.dispose();
    throw error;
  }
  return new MemoryModel(bundle.name, sizes, graphs);
}

class MemoryModel implements MemoryNetwork {
  constructor(
    private readonly bundleName: string,
    readonly sizes: MemorySizes,
    private readonly graphs: BundleGraphs<MemoryGraph>,
  ) {}

  async key(embedding: ImageEmbedding, signal?: AbortSignal): Promise<QueryFrame> {
    const { columns, rows } = memoryGridOf(embedding);
    const crop = (square: FeatureSquare | undefined, name: string, scale: number): FloatTensor => {
      if (!square) throw new VamgError('BadConfig', `The encoder of model bundle ${this.bundleName} has no output ${name}_features, which its memory network needs.`);
      return { data: cropFeatures(square, columns * scale, rows * scale), dims: [1, square.channels, rows * scale, columns * scale] };
    };
    const outputs = await this.graphs.run('memory-key', {
      stride4: crop(embedding.stride4, 'stride4', 2),
      stride8: crop(embedding.stride8, 'stride8', 1),
      stride16: crop(embedding, 'stride16', 0.5),
    }, signal);
    const { keyChannels, contextChannels, detailChannels } = this.sizes;
    const cells = columns * rows;
    return {
      columns,
      rows,
      key: this.takeHalfs(outputs, 'key', keyChannels * cells),
      context: this.takeHalfs(outputs, 'context', contextChannels * cells),
      detail: this.takeHalfs(outputs, 'detail', detailChannels * 4 * cells),
    };
  }

  async value(frame: FrameKey, objects: number, masks: Float32Array, others: Float32Array, signal?: AbortSignal): Promise<Uint16Array> {
    const { rows, columns } = frame;
    const outputs = await this.graphs.run('memory-value', {
      context: { data: frame.context, dims: [1, this.sizes.contextChannels, rows, columns] },
      masks: { data: masks, dims: [objects, 1, rows, columns] },
      others: { data: others, dims: [objects, 1, rows, columns] },
    }, signal);
    return this.takeHalfs(outputs, 'values', objects * this.sizes.valueChannels * rows * columns);
  }

  async read(request: MemoryQuery, signal?: AbortSignal): Promise<MemoryAnswer> {
    const { query, frames, objects } = request;
    const { rows, columns } = query;
    const cells = rows * columns;
    const { keyChannels, contextChannels, detailChannels, valueChannels } = this.sizes;
    const outputs = await this.graphs.run('memory-read', {
      query_key: { data: query.key, dims: [1, keyChannels, rows, columns] },
      query_context: { data: query.context, dims: [1, contextChannels, rows, columns] },
      query_detail: { data: query.detail, dims: [1, detailChannels, 2 * rows, 2 * columns] },
      memory_keys: { data: request.memoryKeys, dims: [frames, keyChannels, cells] },
      memory_values: { data: request.memoryValues, dims: [frames, objects, valueChannels, cells] },
      valid: { data: request.valid, dims: [objects, frames] },
      given: { data: request.given, dims: [objects, frames] },
      previous_masks: { data: request.previousMasks, dims: [objects, 1, rows, columns] },
    }, signal);
    return {
      logits: this.take(outputs, 'logits', objects * 4 * cells),
      presence: this.take(outputs, 'presence', objects),
      ...('likeness' in outputs ? { likeness: this.take(outputs, 'likeness', objects * 2 * cells) } : {}),
    };
  }

  inferenceMs(): number {
    return this.graphs.inferenceMs();
  }

  dispose(): Promise<void> {
    return this.graphs.dispose();
  }

  private take(outputs: GraphTensors, name: string, length: number): Float32Array {
    return takeFitting(outputs, name, length, this.bundleName, SIZES_FILE);
  }

  private takeHalfs(outputs: GraphTensors, name: string, length: number): Uint16Array {
    return takeFittingHalfs(outputs, name, length, this.bundleName, SIZES_FILE);
  }
}
