import { DEAOT_SETTINGS_ROLE, deaotSettingsSchema } from '../../contracts/deaot-network';
import { restrictSize } from '../../models/deaot/input-size';
import { readBundleSettings } from '../../models/runtime/bundle-settings';
import type { FloatTensor } from '../../models/runtime/ort-session';
import { ASPECT, drawnPicture, repeated, tensor } from './case-tensors';
import type { RunFamily } from './graph-case';

/** The four graphs of DeAOT or AOT, on a picture as wide as the input size; one run is of one group of objects, with all its identities in use. */
export const runDeaotGraphs: RunFamily = async (bundle, { inputSize, frames }, run) => {
  const settings = await readBundleSettings(bundle, DEAOT_SETTINGS_ROLE, 'deaot.json', (value) => deaotSettingsSchema.parse(value));
  const { width, height } = restrictSize(inputSize, Math.round(inputSize / ASPECT), inputSize, settings.align_corners);
  const maps = await run([{ role: 'encoder', batch: `${width}x${height}`, feeds: { image: drawnPicture(width, height) } }]);
  const identities = settings.max_obj_num;
  const batch = `${identities} objects`;
  const labels = tensor([1, height, width], (i) => Math.floor(((i % width) * (identities + 1)) / width));
  const { kept, identified, pending } = (await run([{ role: 'reference', batch, feeds: { embedding: maps['embedding']!, labels } }])) as Record<string, FloatTensor>;
  const remembered = Math.min(frames, settings.max_len_long_term);
  const short = { short_kept: kept!, short_identified: identified! };
  const long = { long_kept: repeated(kept!, remembered), long_identified: repeated(identified!, remembered) };
  await run([{ role: 'propagate', batch: `${batch}, ${remembered} frames`, feeds: { ...maps, ...long, ...short } }]);
  await run([{ role: 'identify', batch, feeds: { labels, ...(settings.pending_channels > 0 && { pending: pending! }) } }]);
};
