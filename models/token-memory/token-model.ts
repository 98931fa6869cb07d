import type { PaddedPicture, TokenAffinity, TokenFrame } from '../../contracts/token-network';
import type { ResolvedBundle } from '../bundles/resolved-bundle';
import { BundleGraphs } from '../runtime/bundle-graphs';
import { takeFitting } from '../runtime/bundle-settings';
import type { FloatTensor, GraphTensors, OrtOptions } from '../runtime/ort-session';

/** Bytes of similarities in one run of the affinity; what it needs besides is about as much. */
const SIMILARITY_BYTES = 64 * 1024 * 1024;

/** Most cells whose similarities with so many tokens are computed in one run. */
export function queriesPerRun(tokens: number): number {
  return Math.max(1, Math.floor(SIMILARITY_BYTES / (4 * tokens)));
}

/** What the networks of XMem and Cutie have in common: graphs for every size of picture, loaded when first used, and the affinity among them (infra/export/common/affinity.py). */
export abstract class TokenModel<Graph extends string, Settings extends { readonly key_dim: number; readonly top_k: number }> {
  protected readonly graphs: BundleGraphs<Graph | 'affinity'>;

  /** @param settingsFile usual name of the settings in the bundle, for messages */
  constructor(
    private readonly bundle: ResolvedBundle,
    readonly settings: Settings,
    private readonly settingsFile: string,
    options: OrtOptions,
  ) {
    this.graphs = new BundleGraphs(bundle, options);
  }

  /** As many cells at a time as memory allows. */
  async affinity(frame: TokenFrame, tokens: number, keys: Float32Array, shrinkage: Float32Array, signal?: AbortSignal): Promise<TokenAffinity> {
    const { key_dim, top_k } = this.settings;
    const cells = frame.rows * frame.columns;
    const k = Math.min(top_k, tokens);
    const found = { k, weights: new Float32Array(cells * k), indices: new Float32Array(cells * k) };
    const most = queriesPerRun(tokens);
    for (let from = 0; from < cells; from += most) {
      const some = Math.min(most, cells - from);
      const part = (values: Float32Array): FloatTensor => ({ data: values.subarray(from * key_dim, (from + some) * key_dim), dims: [some, key_dim] });
      const outputs = await this.graphs.run('affinity', {
        keys: { data: keys, dims: [tokens, key_dim] },
        shrinkage: { data: shrinkage, dims: [tokens] },
        query: part(frame.key),
        selection: part(frame.selection),
      }, signal);
      found.weights.set(this.take(outputs, 'weights', some * k), from * k);
      found.indices.set(this.take(outputs, 'indices', some * k), from * k);
    }
    return found;
  }

  inferenceMs(): number {
    return this.graphs.inferenceMs();
  }

  dispose(): Promise<void> {
    return this.graphs.dispose();
  }

  /** The frame with its key, as an encoder gives them. */
  protected frameOf(picture: PaddedPicture, outputs: GraphTensors): TokenFrame {
    const [columns, rows] = [picture.width / 16, picture.height / 16];
    const cells = rows * columns;
    const { key_dim } = this.settings;
    const [key, shrinkage, selection] = [this.take(outputs, 'key', cells * key_dim), this.take(outputs, 'shrinkage', cells), this.take(outputs, 'selection', cells * key_dim)];
    return { picture, rows, columns, key, shrinkage, selection };
  }

  protected take(outputs: GraphTensors, name: string, length: number): Float32Array {
    return takeFitting(outputs, name, length, this.bundle.name, this.settingsFile);
  }
}

/** The picture as a graph takes it. */
export function imageOf({ data, width, height }: PaddedPicture): FloatTensor {
  return { data, dims: [1, 3, height, width] };
}
