import { CUTIE_SETTINGS_ROLE, cutieSettingsSchema } from '../../contracts/cutie-network';
import { layoutOf } from '../../core/tracking/cutie/layout';
import { queriesPerRun } from '../../models/cutie/cutie-model';
import { readBundleSettings } from '../../models/runtime/bundle-settings';
import type { FloatTensor } from '../../models/runtime/ort-session';
import { ASPECT, counted, drawnPicture, inverse, repeated, stripes, tensor, waves } from './case-tensors';
import type { RunFamily } from './graph-case';

/**
 * The five graphs of Cutie, on a picture as wide as the input size and made smaller as the tracker does. Objects are those of one run, so no more than
 * `chunk_size`.
 */
export const runCutieGraphs: RunFamily = async (bundle, { inputSize, objects, frames }, run) => {
  const settings = await readBundleSettings(bundle, CUTIE_SETTINGS_ROLE, 'cutie.json', (value) => cutieSettingsSchema.parse(value));
  const { chunk_size, embed_dim, num_queries, sensory_dim, value_dim } = settings;
  const { width, height } = layoutOf({ width: inputSize, height: Math.round(inputSize / ASPECT) }, settings.max_internal_size);
  const [columns, rows] = [width / 16, height / 16];
  const [cells, tokens] = [rows * columns, frames * rows * columns];
  const drawn = drawnPicture(width, height);
  const image = { ...drawn, data: drawn.data.map((value) => Math.min(1, Math.max(0, 0.5 + value / 5))) };
  const { pix_feat, stride8, stride4, key, shrinkage, selection } = await run([{ role: 'encoder', batch: `${width}x${height}`, feeds: { image } }]) as Record<string, FloatTensor>;
  const asked = Math.min(cells, queriesPerRun(tokens));
  const some = ({ data, dims }: FloatTensor): FloatTensor => ({ data: data.subarray(0, asked * dims.at(-1)!), dims: [asked, dims.at(-1)!] });
  await run([{
    role: 'affinity',
    batch: `${asked} cells, ${frames} frames`,
    feeds: { keys: repeated({ ...key!, dims: [cells, settings.key_dim] }, frames), shrinkage: repeated({ ...shrinkage!, dims: [cells] }, frames), query: some(key!), selection: some(selection!) },
  }]);
  const counts = [...new Set(objects.map((count) => (chunk_size > 0 ? Math.min(count, chunk_size) : count)))];
  const sensoryOf = (count: number): FloatTensor => waves([count, sensory_dim, rows, columns], 0.5);
  await run(counts.map((count) => ({
    role: 'segment',
    batch: counted(count, 'object'),
    feeds: {
      pix_feat: pix_feat!,
      stride8: stride8!,
      stride4: stride4!,
      readout: waves([count, cells, value_dim], 1),
      sensory: sensoryOf(count),
      last_masks: stripes(count, rows, columns),
      summaries: tensor([count, num_queries, embed_dim + 1], (i) => (i % (embed_dim + 1) === embed_dim ? cells : cells * Math.sin(0.7 * i))),
    },
  })));
  await run(counts.map((count) => ({ role: 'sensory-update', batch: counted(count, 'object'), feeds: { update: waves([count, sensory_dim, rows, columns], 1), sensory: sensoryOf(count) } })));
  await run(counts.map((count) => {
    const masks = stripes(count, height, width);
    return { role: 'mask-encoder', batch: counted(count, 'object'), feeds: { image, pix_feat: pix_feat!, sensory: sensoryOf(count), masks, others: inverse(masks) } };
  }));
};
