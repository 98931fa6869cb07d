import { CUTIE_SETTINGS_ROLE, cutieSettingsSchema, type CUTIE_GRAPHS, type CutieFrame, type CutieNetwork, type CutieSegmentQuery, type CutieSettings, type CutieValues } from '../../contracts/cutie-network';
import type { PaddedPicture, TokenAffinity } from '../../contracts/token-network';
import type { ResolvedBundle } from '../bundles/resolved-bundle';
import { BundleGraphs } from '../runtime/bundle-graphs';
import { readBundleSettings, takeFitting } from '../runtime/bundle-settings';
import type { FloatTensor, OrtOptions } from '../runtime/ort-session';
import { runAffinity } from '../runtime/token-affinity';

const SETTINGS_FILE = 'cutie.json';

/**
 * Load a bundle of the `cutie` family: five graphs for every size of picture, loaded when first used.
 * @throws VamgError BadConfig for malformed settings; SetupMissing, InferenceFailed.
 */
export async function createCutieModel(bundle: ResolvedBundle, options: OrtOptions = {}): Promise<CutieModel> {
  const settings = await readBundleSettings(bundle, CUTIE_SETTINGS_ROLE, SETTINGS_FILE, (value) => cutieSettingsSchema.parse(value));
  return new CutieModel(bundle.name, settings, new BundleGraphs(bundle, options));
}

/** The networks of one Cutie bundle. */
export class CutieModel implements CutieNetwork {
  constructor(
    private readonly bundleName: string,
    readonly settings: CutieSettings,
    private readonly graphs: BundleGraphs<(typeof CUTIE_GRAPHS)[number]>,
  ) {}

  async encodeFrame(picture: PaddedPicture, signal?: AbortSignal): Promise<CutieFrame> {
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

  affinity(frame: CutieFrame, tokens: number, keys: Float32Array, shrinkage: Float32Array, signal?: AbortSignal): Promise<TokenAffinity> {
    const { key_dim, top_k } = this.settings;
    return runAffinity(frame, { tokens, keys, shrinkage }, { keyDim: key_dim, topK: top_k }, async (feeds, sizes) => {
      const outputs = await this.graphs.run('affinity', feeds, signal);
      return { weights: this.take(outputs, 'weights', sizes), indices: this.take(outputs, 'indices', sizes) };
    });
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
