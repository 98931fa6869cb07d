import { deaotSettingsSchema, DEAOT_SETTINGS_ROLE, type DEAOT_GRAPHS, type DeaotAnswer, type DeaotFrame, type DeaotMemory, type DeaotNetwork, type DeaotSettings, type DeaotTokens } from '../../contracts/deaot-network';
import type { RgbImage } from '../../contracts/segmenter';
import type { ResolvedBundle } from '../bundles/resolved-bundle';
import { BundleGraphs } from '../runtime/bundle-graphs';
import { readBundleSettings, takeFitting, unfit } from '../runtime/bundle-settings';
import { takeOutput, type FloatTensor, type GraphTensors, type OrtOptions } from '../runtime/ort-session';
import { preprocessCubic } from './deaot-preprocess';
import { restrictSize } from './input-size';

const SETTINGS_FILE = 'deaot.json';
const MAPS = ['embedding', 'stride16', 'stride8', 'stride4'] as const;

/**
 * Load a bundle of the `deaot` family. Graphs are loaded when first used.
 * @param maxLongEdge Longest side at which pictures are looked at; upstream's evaluation has 1040.
 * @throws VamgError BadConfig for malformed settings; SetupMissing, InferenceFailed.
 */
export async function createDeaotModel(bundle: ResolvedBundle, maxLongEdge: number, options: OrtOptions = {}): Promise<DeaotModel> {
  const settings = await readBundleSettings(bundle, DEAOT_SETTINGS_ROLE, SETTINGS_FILE, (value) => deaotSettingsSchema.parse(value));
  return new DeaotModel(bundle.name, maxLongEdge, settings, new BundleGraphs(bundle, options));
}

/** The networks of one DeAOT or AOT bundle. */
export class DeaotModel implements DeaotNetwork {
  constructor(
    private readonly bundleName: string,
    private readonly maxLongEdge: number,
    readonly settings: DeaotSettings,
    private readonly graphs: BundleGraphs<(typeof DEAOT_GRAPHS)[number]>,
  ) {}

  async encode(image: RgbImage, signal?: AbortSignal): Promise<DeaotFrame> {
    const { width, height } = restrictSize(image.width, image.height, this.maxLongEdge, this.settings.align_corners);
    const outputs = await this.graphs.run('encoder', { image: { data: preprocessCubic(image, width, height), dims: [1, 3, height, width] } }, signal);
    const maps = Object.fromEntries(MAPS.map((name) => [name, takeOutput(outputs, name)]));
    const [, , rows, columns] = maps['embedding']!.dims;
    return { width, height, columns: columns!, rows: rows!, maps };
  }

  async propagate(frame: DeaotFrame, long: DeaotMemory, short: DeaotMemory, signal?: AbortSignal): Promise<DeaotAnswer> {
    const outputs = await this.graphs.run('propagate', { ...frame.maps, ...this.memoryFeeds('long', long), ...this.memoryFeeds('short', short) }, signal);
    const { data: logits, dims } = takeOutput(outputs, 'logits');
    const [, channels, gridHeight, gridWidth] = dims;
    if (channels !== this.settings.max_obj_num + 1) throw unfit('logits', dims, this.bundleName, SETTINGS_FILE);
    return { logits, gridWidth: gridWidth!, gridHeight: gridHeight!, ...this.tokens(outputs, frame) };
  }

  async refer(frame: DeaotFrame, labels: Uint8Array, signal?: AbortSignal): Promise<DeaotMemory & DeaotTokens> {
    const outputs = await this.graphs.run('reference', { embedding: frame.maps['embedding']!, labels: labelFeed(labels, frame) }, signal);
    return { ...this.tokens(outputs, frame), identified: this.take(outputs, 'identified', frame.columns * frame.rows * this.settings.identified_channels) };
  }

  async identify(pending: Float32Array, labels: Uint8Array, size: Pick<DeaotFrame, 'width' | 'height'>, signal?: AbortSignal): Promise<Float32Array> {
    const { pending_channels: channels } = this.settings;
    const waiting: Record<string, FloatTensor> = channels === 0 ? {} : { pending: { data: pending, dims: [pending.length / channels, channels] } };
    return takeOutput(await this.graphs.run('identify', { labels: labelFeed(labels, size), ...waiting }, signal), 'identified').data;
  }

  inferenceMs(): number {
    return this.graphs.inferenceMs();
  }

  dispose(): Promise<void> {
    return this.graphs.dispose();
  }

  private memoryFeeds(term: 'long' | 'short', { kept, identified }: DeaotMemory): Record<string, FloatTensor> {
    const { kept_channels, identified_channels } = this.settings;
    return {
      [`${term}_kept`]: { data: kept, dims: [kept.length / kept_channels, kept_channels] },
      [`${term}_identified`]: { data: identified, dims: [identified.length / identified_channels, identified_channels] },
    };
  }

  private tokens(outputs: GraphTensors, { columns, rows }: DeaotFrame): DeaotTokens {
    const { kept_channels, pending_channels } = this.settings;
    const pending = pending_channels === 0 ? new Float32Array(0) : this.take(outputs, 'pending', columns * rows * pending_channels);
    return { kept: this.take(outputs, 'kept', columns * rows * kept_channels), pending };
  }

  private take(outputs: GraphTensors, name: string, length: number): Float32Array {
    return takeFitting(outputs, name, length, this.bundleName, SETTINGS_FILE);
  }
}

function labelFeed(labels: Uint8Array, { width, height }: Pick<DeaotFrame, 'width' | 'height'>): FloatTensor {
  return { data: Float32Array.from(labels), dims: [1, height, width] };
}
