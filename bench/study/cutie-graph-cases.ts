import { CUTIE_SETTINGS_ROLE, cutieSettingsSchema } from '../../contracts/cutie-network';
import { cutiePadding } from '../../core/tracking/cutie/cutie-tracker';
import { layoutOf } from '../../core/tracking/token-memory/padded-layout';
import { readBundleSettings } from '../../models/runtime/bundle-settings';
import type { FloatTensor } from '../../models/runtime/ort-session';
import { ASPECT, counted, inverse, stripes, tensor, waves } from './case-tensors';
import type { RunFamily } from './graph-case';
import { affinityCase, pictureInRange } from './token-graph-cases';

/**
 * The five graphs of Cutie, on a picture as wide as the input size and made smaller as the tracker does. Objects are those of one run, so no more than
 * `chunk_size`.
 */
export const runCutieGraphs: RunFamily = async (bundle, { inputSize, objects, frames }, run) => {
  const settings = await readBundleSettings(bundle, CUTIE_SETTINGS_ROLE, 'cutie.json', (value) => cutieSettingsSchema.parse(value));
  const { chunk_size, embed_dim, num_queries, sensory_dim, value_dim } = settings;
  const { width, height } = layoutOf({ width: inputSize, height: Math.round(inputSize / ASPECT) }, cutiePadding(settings));
  const [columns, rows] = [width / 16, height / 16];
  const cells = rows * columns;
  const image = pictureInRange(width, height);
  const { pix_feat, stride8, stride4, key, shrinkage, selection } = await run([{ role: 'encoder', batch: `${width}x${height}`, feeds: { image } }]) as Record<string, FloatTensor>;
  await run([affinityCase({ key: key!, shrinkage: shrinkage!, selection: selection! }, cells, frames)]);
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
