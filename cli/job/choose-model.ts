import { VamgError } from '../../contracts/errors';
import type { SegmentOptions } from '../../contracts/segment-options';
import { ensureBundle, inputSizesOf, preferMemoryBundle } from '../../models/bundles';

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
  const sizes = inputSizesOf(bundle);
  if (!sizes.includes(inputSize))
    throw new VamgError('BadConfig', `Model bundle ${model} takes pictures of ${sizes.join(', ')} pixels, not --input-size ${inputSize}; say --input-size ${sizes.at(-1)}.`);
  return { name: model, sha256: bundle.sha256 };
}
