import { CUTIE_SETTINGS_ROLE, cutieSettingsSchema, type CUTIE_GRAPHS, type CutieFrame, type CutieNetwork, type CutieSegmentQuery, type CutieSettings, type CutieValues } from '../../contracts/cutie-network';
import type { PaddedPicture } from '../../contracts/token-network';
import type { ResolvedBundle } from '../bundles/resolved-bundle';
import { readBundleSettings } from '../runtime/bundle-settings';
import type { FloatTensor, OrtOptions } from '../runtime/ort-session';
import { imageOf, TokenModel } from '../token-memory/token-model';

const SETTINGS_FILE = 'cutie.json';

/**
 * Load a bundle of the `cutie` family.
 * @throws VamgError BadConfig for malformed settings; SetupMissing, InferenceFailed.
 */
export async function createCutieModel(bundle: ResolvedBundle, options: OrtOptions = {}): Promise<CutieModel> {
  return new CutieModel(bundle, await readBundleSettings(bundle, CUTIE_SETTINGS_ROLE, SETTINGS_FILE, (value) => cutieSettingsSchema.parse(value)), SETTINGS_FILE, options);
}

/** The networks of one Cutie bundle. */
export class CutieModel extends TokenModel<(typeof CUTIE_GRAPHS)[number], CutieSettings> implements CutieNetwork {
  async encodeFrame(picture: PaddedPicture, signal?: AbortSignal): Promise<CutieFrame> {
    const { pixel_dim, up_dims } = this.settings;
    const outputs = await this.graphs.run('encoder', { image: imageOf(picture) }, signal);
    const frame = this.frameOf(picture, outputs);
    const cells = frame.rows * frame.columns;
    return {
      ...frame,
      pixFeat: this.take(outputs, 'pix_feat', pixel_dim * cells),
      stride8: this.take(outputs, 'stride8', up_dims[0] * 4 * cells),
      stride4: this.take(outputs, 'stride4', up_dims[1] * 16 * cells),
    };
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
    const { width, height } = frame.picture;
    const { value_dim, embed_dim, num_queries } = this.settings;
    const outputs = await this.graphs.run('mask-encoder', {
      image: imageOf(frame.picture),
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

  private pixFeat({ pixFeat, rows, columns }: CutieFrame): FloatTensor {
    return { data: pixFeat, dims: [1, this.settings.pixel_dim, rows, columns] };
  }

  private sensory({ rows, columns }: CutieFrame, objects: number, data: Float32Array): FloatTensor {
    return { data, dims: [objects, this.settings.sensory_dim, rows, columns] };
  }
}
