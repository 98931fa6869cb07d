import type { PaddedPicture } from '../../contracts/token-network';
import { XMEM_SETTINGS_ROLE, xmemSettingsSchema, type XMEM_GRAPHS, type XmemFrame, type XmemNetwork, type XmemSettings } from '../../contracts/xmem-network';
import type { ResolvedBundle } from '../bundles/resolved-bundle';
import { readBundleSettings } from '../runtime/bundle-settings';
import type { FloatTensor, OrtOptions } from '../runtime/ort-session';
import { imageOf, TokenModel } from '../token-memory/token-model';

const SETTINGS_FILE = 'xmem.json';

/**
 * Load a bundle of the `xmem` family.
 * @throws VamgError BadConfig for malformed settings; SetupMissing, InferenceFailed.
 */
export async function createXmemModel(bundle: ResolvedBundle, options: OrtOptions = {}): Promise<XmemModel> {
  return new XmemModel(bundle, await readBundleSettings(bundle, XMEM_SETTINGS_ROLE, SETTINGS_FILE, (value) => xmemSettingsSchema.parse(value)), SETTINGS_FILE, options);
}

/** The networks of one XMem bundle. */
export class XmemModel extends TokenModel<(typeof XMEM_GRAPHS)[number], XmemSettings> implements XmemNetwork {
  async encodeFrame(picture: PaddedPicture, signal?: AbortSignal): Promise<XmemFrame> {
    const { image_dim, up_dims } = this.settings;
    const outputs = await this.graphs.run('encoder', { image: imageOf(picture) }, signal);
    const frame = this.frameOf(picture, outputs);
    const cells = frame.rows * frame.columns;
    return {
      ...frame,
      f16: this.take(outputs, 'f16', image_dim * cells),
      skip8: this.take(outputs, 'skip8', up_dims[0] * 4 * cells),
      skip4: this.take(outputs, 'skip4', up_dims[1] * 16 * cells),
    };
  }

  async segment(frame: XmemFrame, objects: number, readout: Float32Array, hidden: Float32Array, signal?: AbortSignal): Promise<{ logits: Float32Array; hidden: Float32Array }> {
    const { rows, columns } = frame;
    const cells = rows * columns;
    const { value_dim, up_dims } = this.settings;
    const outputs = await this.graphs.run('segment', {
      f16: this.f16(frame),
      skip8: { data: frame.skip8, dims: [1, up_dims[0], 2 * rows, 2 * columns] },
      skip4: { data: frame.skip4, dims: [1, up_dims[1], 4 * rows, 4 * columns] },
      readout: { data: readout, dims: [objects, cells, value_dim] },
      hidden: this.hidden(frame, objects, hidden),
    }, signal);
    return { logits: this.take(outputs, 'logits', objects * 16 * cells), hidden: this.take(outputs, 'new_hidden', hidden.length) };
  }

  async encodeValues(frame: XmemFrame, objects: number, hidden: Float32Array, masks: Float32Array, others: Float32Array, signal?: AbortSignal): Promise<{ values: Float32Array; hidden: Float32Array }> {
    const { width, height } = frame.picture;
    const outputs = await this.graphs.run('value-encoder', {
      image: imageOf(frame.picture),
      f16: this.f16(frame),
      hidden: this.hidden(frame, objects, hidden),
      masks: { data: masks, dims: [objects, height, width] },
      others: { data: others, dims: [objects, height, width] },
    }, signal);
    return { values: this.take(outputs, 'values', objects * frame.rows * frame.columns * this.settings.value_dim), hidden: this.take(outputs, 'new_hidden', hidden.length) };
  }

  private f16({ f16, rows, columns }: XmemFrame): FloatTensor {
    return { data: f16, dims: [1, this.settings.image_dim, rows, columns] };
  }

  private hidden({ rows, columns }: XmemFrame, objects: number, data: Float32Array): FloatTensor {
    return { data, dims: [objects, this.settings.hidden_dim, rows, columns] };
  }
}
