import type { PaddedPicture, TokenAffinity } from '../../contracts/token-network';
import { XMEM_SETTINGS_ROLE, xmemSettingsSchema, type XMEM_GRAPHS, type XmemFrame, type XmemNetwork, type XmemSettings } from '../../contracts/xmem-network';
import type { ResolvedBundle } from '../bundles/resolved-bundle';
import { BundleGraphs } from '../runtime/bundle-graphs';
import { readBundleSettings, takeFitting } from '../runtime/bundle-settings';
import type { FloatTensor, OrtOptions } from '../runtime/ort-session';
import { runAffinity } from '../runtime/token-affinity';

const SETTINGS_FILE = 'xmem.json';

/**
 * Load a bundle of the `xmem` family: four graphs for every size of picture, loaded when first used.
 * @throws VamgError BadConfig for malformed settings; SetupMissing, InferenceFailed.
 */
export async function createXmemModel(bundle: ResolvedBundle, options: OrtOptions = {}): Promise<XmemModel> {
  const settings = await readBundleSettings(bundle, XMEM_SETTINGS_ROLE, SETTINGS_FILE, (value) => xmemSettingsSchema.parse(value));
  return new XmemModel(bundle.name, settings, new BundleGraphs(bundle, options));
}

/** The networks of one XMem bundle. */
export class XmemModel implements XmemNetwork {
  constructor(
    private readonly bundleName: string,
    readonly settings: XmemSettings,
    private readonly graphs: BundleGraphs<(typeof XMEM_GRAPHS)[number]>,
  ) {}

  async encodeFrame(picture: PaddedPicture, signal?: AbortSignal): Promise<XmemFrame> {
    const [columns, rows] = [picture.width / 16, picture.height / 16];
    const cells = rows * columns;
    const { image_dim, key_dim, up_dims } = this.settings;
    const outputs = await this.graphs.run('encoder', { image: imageOf(picture) }, signal);
    return {
      picture,
      rows,
      columns,
      f16: this.take(outputs, 'f16', image_dim * cells),
      skip8: this.take(outputs, 'skip8', up_dims[0] * 4 * cells),
      skip4: this.take(outputs, 'skip4', up_dims[1] * 16 * cells),
      key: this.take(outputs, 'key', cells * key_dim),
      shrinkage: this.take(outputs, 'shrinkage', cells),
      selection: this.take(outputs, 'selection', cells * key_dim),
    };
  }

  affinity(frame: XmemFrame, tokens: number, keys: Float32Array, shrinkage: Float32Array, signal?: AbortSignal): Promise<TokenAffinity> {
    const { key_dim, top_k } = this.settings;
    return runAffinity(frame, { tokens, keys, shrinkage }, { keyDim: key_dim, topK: top_k }, async (feeds, sizes) => {
      const outputs = await this.graphs.run('affinity', feeds, signal);
      return { weights: this.take(outputs, 'weights', sizes), indices: this.take(outputs, 'indices', sizes) };
    });
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

  inferenceMs(): number {
    return this.graphs.inferenceMs();
  }

  dispose(): Promise<void> {
    return this.graphs.dispose();
  }

  private f16({ f16, rows, columns }: XmemFrame): FloatTensor {
    return { data: f16, dims: [1, this.settings.image_dim, rows, columns] };
  }

  private hidden({ rows, columns }: XmemFrame, objects: number, data: Float32Array): FloatTensor {
    return { data, dims: [objects, this.settings.hidden_dim, rows, columns] };
  }

  private take(outputs: Readonly<Record<string, FloatTensor>>, name: string, length: number): Float32Array {
    return takeFitting(outputs, name, length, this.bundleName, SETTINGS_FILE);
  }
}

function imageOf({ data, width, height }: PaddedPicture): FloatTensor {
  return { data, dims: [1, 3, height, width] };
}
