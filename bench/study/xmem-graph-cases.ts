import { XMEM_SETTINGS_ROLE, xmemSettingsSchema } from '../../contracts/xmem-network';
import { layoutOf } from '../../core/tracking/token-memory/padded-layout';
import { xmemPadding } from '../../core/tracking/xmem/xmem-tracker';
import { readBundleSettings } from '../../models/runtime/bundle-settings';
import type { FloatTensor } from '../../models/runtime/ort-session';
import { ASPECT, counted, inverse, stripes, waves } from './case-tensors';
import type { RunFamily } from './graph-case';
import { affinityCase, pictureInRange } from './token-graph-cases';

/** The four graphs of XMem, on a picture as wide as the input size and resized as the tracker does. */
export const runXmemGraphs: RunFamily = async (bundle, { inputSize, objects, frames }, run) => {
  const settings = await readBundleSettings(bundle, XMEM_SETTINGS_ROLE, 'xmem.json', (value) => xmemSettingsSchema.parse(value));
  const { hidden_dim, value_dim } = settings;
  const { width, height } = layoutOf({ width: inputSize, height: Math.round(inputSize / ASPECT) }, xmemPadding(settings));
  const [columns, rows] = [width / 16, height / 16];
  const cells = rows * columns;
  const image = pictureInRange(width, height);
  const { f16, skip8, skip4, key, shrinkage, selection } = await run([{ role: 'encoder', batch: `${width}x${height}`, feeds: { image } }]) as Record<string, FloatTensor>;
  await run([affinityCase({ key: key!, shrinkage: shrinkage!, selection: selection! }, cells, frames)]);
  const hiddenOf = (count: number): FloatTensor => waves([count, hidden_dim, rows, columns], 0.5);
  await run(objects.map((count) => ({
    role: 'segment',
    batch: counted(count, 'object'),
    feeds: { f16: f16!, skip8: skip8!, skip4: skip4!, readout: waves([count, cells, value_dim], 1), hidden: hiddenOf(count) },
  })));
  await run(objects.map((count) => {
    const masks = stripes(count, height, width);
    return { role: 'value-encoder', batch: counted(count, 'object'), feeds: { image, f16: f16!, hidden: hiddenOf(count), masks, others: inverse(masks) } };
  }));
};
