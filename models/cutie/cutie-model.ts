import { CUTIE_SETTINGS_ROLE, cutieSettingsSchema, type CUTIE_GRAPHS, type CutieAffinity, type CutieFrame, type CutieNetwork, type CutiePicture, type CutieSegmentQuery, type CutieSettings, type CutieValues } from '../../contracts/cutie-network';
import type { ResolvedBundle } from '../bundles/resolved-bundle';
import { BundleGraphs } from '../runtime/bundle-graphs';
import { readBundleSettings, takeFitting } from '../runtime/bundle-settings';
import type { FloatTensor, OrtOptions } from '../runtime/ort-session';

/** Bytes of similarities in one run of the affinity; what it needs besides is about as much. */
const SIMILARITY_BYTES = 64 * 1024 * 1024;

const SETTINGS_FILE = 'cutie.json';

/**
 * Load a bundle of the `cutie` family: five graphs for every size of picture, loaded when first used.
 * @throws VamgError BadConfig for malformed settings; SetupMissing, InferenceFailed.
 */
export async function createCutieModel(bundle: ResolvedBundle, options: OrtOptions = {}): Promise<CutieModel> {
  const settings = await readBundleSettings(bundle, CUTIE_SETTINGS_ROLE, SETTINGS_FILE, (value) => cutieSettingsSchema.parse(value));
  return new CutieModel(bundle.name, settings, new BundleGraphs(bundle, options));
}

/** Most cells whose similarities with so many tokens are computed in one run. */
export function queriesPerRun(tokens: number): number {
  return Math.max(1, Math.floor(SIMILARITY_BYTES / (4 * tokens)));
}

/** The networks of one Cutie bundle. */
export class CutieModel implements CutieNetwork {
  constructor(
    private readonly bundleName: string,
    readonly settings: CutieSettings,
    private readonly graphs: BundleGraphs<(typeof CUTIE_GRAPHS)[number]>,
  ) {}

  async encodeFrame(picture: CutiePicture, signal?: AbortSignal): Promise<CutieFrame> {
    const { width, height } = picture;
    const [columns, rows] = [width / 16, height / 16];
    const cells = rows * columns;
    const { pixel_dim, key_dim, up_dims } = this.settings;
    const outputs = await this.graphs.run('encoder', { image: { data: picture.data, dims: [1, 3, height, width] } }, signal);
    return {
      picture,
      rows,
      columns,
      pixFeat: this.take(outputs, 'pix_feat', pixel_dim * cells),
      stride8: this.take(outputs, 'stride8', up_dims[0] * 4 * cells),
      stride4: this.take(outputs, 'stride4', up_dims[1] * 16 * cells),
      key: this.take(outputs, 'key', cells * key_dim),
      shrinkage: this.take(outputs, 'shrinkage', cells),
      selection: this.take(outputs, 'selection', cells * key_dim),
    };
  }

  async affinity(frame: CutieFrame, tokens: number, keys: Float32Array, shrinkage: Float32Array, signal?: AbortSignal): Promise<CutieAffinity> {
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

  async segment(frame: CutieFrame, query: CutieSegmentQuery, signal?: AbortSignal): Promise<{ logits: Float32Array; update: Float32Array }> {
    const { rows, columns } = frame;
    const cells = rows * columns;
    const { objects } = query;
    const { value_dim, sensory_dim, embed_dim, num_queries, up_dims } = this.settings;
    const outputs = await this.graphs.run('segment', {
      pix_feat: this.pixFeat(frame),
      stride8: { data: frame.stride8, dims: [1, up_dims[0], 2 * rows, 2 * columns] },
      stride4: { data: frame.stride4, dims: [1, up_dims[1], 4 * rows, 4 * columns] },
      readout: { data: query.readout, dims: [objects, cells, value_dim] },
      sensory: this.sensory(frame, objects, query.sensory),
      last_masks: { data: query.lastMasks, dims: [objects, rows, columns] },
      summaries: { data: query.summaries, dims: [objects, num_queries, embed_dim + 1] },
    }, signal);
    return { logits: this.take(outputs, 'logits', objects * 16 * cells), update: this.take(outputs, 'update', objects * sensory_dim * cells) };
  }

  async updateSensory(frame: CutieFrame, objects: number, update: Float32Array, sensory: Float32Array, signal?: AbortSignal): Promise<Float32Array> {
    const outputs = await this.graphs.run('sensory-update', { update: this.sensory(frame, objects, update), sensory: this.sensory(frame, objects, sensory) }, signal);
    return this.take(outputs, 'new_sensory', sensory.length);
  }

  async encodeMasks(frame: CutieFrame, objects: number, sensory: Float32Array, masks: Float32Array, others: Float32Array, signal?: AbortSignal): Promise<CutieValues> {
    const { width, height, data } = frame.picture;
    const { value_dim, embed_dim, num_queries } = this.settings;
    const outputs = await this.graphs.run('mask-encoder', {
      image: { data, dims: [1, 3, height, width] },
      pix_feat: this.pixFeat(frame),
      sensory: this.sensory(frame, objects, sensory),
      masks: { data: masks, dims: [objects, height, width] },
      others: { data: others, dims: [objects, height, width] },
    }, signal);
    return {
      values: this.take(outputs, 'values', objects * frame.rows * frame.columns * value_dim),
      sensory: this.take(outputs, 'new_sensory', sensory.length),
      summaries: this.take(outputs, 'summaries', objects * num_queries * (embed_dim + 1)),
    };
  }

  inferenceMs(): number {
    return this.graphs.inferenceMs();
  }

  dispose(): Promise<void> {
    return this.graphs.dispose();
  }

  private pixFeat({ pixFeat, rows, columns }: CutieFrame): FloatTensor {
    return { data: pixFeat, dims: [1, this.settings.pixel_dim, rows, columns] };
  }

  private sensory({ rows, columns }: CutieFrame, objects: number, data: Float32Array): FloatTensor {
    return { data, dims: [objects, this.settings.sensory_dim, rows, columns] };
  }

  private take(outputs: Readonly<Record<string, FloatTensor>>, name: string, length: number): Float32Array {
    return takeFitting(outputs, name, length, this.bundleName, SETTINGS_FILE);
  }
}
