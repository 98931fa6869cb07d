import { VamgError } from '../../contracts/errors';
import type { SegmentOptions } from '../../contracts/segment-options';
import { ensureBundle, preferMemoryBundle } from '../../models/bundles';

/** `--tracker auto` takes a bigger bundle with a memory network when the user has added one. */
export async function withModel(options: SegmentOptions, note: (text: string) => void): Promise<SegmentOptions> {
  if (options.tracking.tracker !== 'auto') return options;
  const model = await preferMemoryBundle(options.model, options.inputSize);
  if (model !== options.model) note(`Using model bundle ${model}; \`--tracker memory\` or \`--tracker prompt\` keeps ${options.model}.`);
  return { ...options, model };
}

/** Have the model here, and say which it is. @throws VamgError BadConfig when it does not take the input size */
export async function ensureModel({ model, inputSize }: SegmentOptions, note: (text: string) => void, signal: AbortSignal): Promise<{ name: string; sha256: string }> {
  const bundle = await ensureBundle(model, { signal, log: note });
  if (!bundle.manifest.inputSizes.includes(inputSize))
    throw new VamgError('BadConfig', `Model bundle ${model} takes pictures of ${bundle.manifest.inputSizes.join(', ')} pixels, not --input-size ${inputSize}; say --input-size ${bundle.manifest.inputSizes.at(-1)}.`);
  return { name: model, sha256: bundle.sha256 };
}
