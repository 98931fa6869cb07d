import { memorySizesSchema, type MemorySizes } from '../../contracts/memory-network';
import { hasMemoryNetwork } from '../../models/bundles';
import { readBundleSettings } from '../../models/runtime/bundle-settings';
import { takeOutput, type FloatTensor } from '../../models/runtime/ort-session';
import { ASPECT, counted, createRandom, drawnPicture, inverse, stripes, tensor } from './case-tensors';
import type { CaseSizes, EarlierOutputs, GraphCase, RunFamily } from './graph-case';

/** SAM's encoder and decoders, and the memory network if there is one. */
export const runSamGraphs: RunFamily = async (bundle, sizes, run) => {
  const encoded = await run([encoderCase(sizes)]);
  for (const cases of byRole(decoderCases(sizes, encoded))) await run(cases);
  if (!hasMemoryNetwork(bundle.manifest)) return;
  const keyed = await run([keyCase(sizes, encoded)]);
  const memory = await readBundleSettings(bundle, 'memory-sizes', 'memory.json', (value) => memorySizesSchema.parse(value));
  for (const cases of byRole(memoryCases(sizes, memory, keyed))) await run(cases);
};

function byRole(cases: readonly GraphCase[]): GraphCase[][] {
  return [...new Set(cases.map(({ role }) => role))].map((role) => cases.filter((one) => one.role === role));
}

/** The encoder of a bundle on a drawn picture, which is the upper part of a square. */
export function encoderCase({ inputSize }: CaseSizes): GraphCase {
  const data = new Float32Array(3 * inputSize * inputSize);
  const height = Math.ceil(inputSize / ASPECT);
  const picture = drawnPicture(inputSize, height);
  for (let c = 0; c < 3; c++) data.set(picture.data.subarray(c * inputSize * height, (c + 1) * inputSize * height), c * inputSize * inputSize);
  return { role: `encoder-${inputSize}`, batch: '1 picture', feeds: { image: { data, dims: [1, 3, inputSize, inputSize] } } };
}

/** Both decoders, fed with the encoder's output. */
function decoderCases({ inputSize, prompts }: CaseSizes, encoded: EarlierOutputs): GraphCase[] {
  const side = inputSize / 4;
  return prompts.flatMap((count) => {
    const random = createRandom(count);
    const feeds = {
      image_embeddings: encoded['image_embeddings']!,
      point_coords: tensor([count, 2, 2], (i) => (i % 4 < 2 ? random() * (inputSize / ASPECT) : 0)),
      point_labels: tensor([count, 2], (i) => (i % 2 === 0 ? 1 : -1)),
      picture_cells: tensor([2], (i) => (i === 0 ? Math.floor(inputSize / ASPECT / 16) + 1 : inputSize / 16)),
    };
    const masked = { ...feeds, mask_input: tensor([count, 1, side, side], () => 8 * random() - 4), has_mask_input: tensor([1], () => 1) };
    const batch = counted(count, 'prompt');
    return [
      { role: `points-decoder-${inputSize}`, batch, feeds },
      { role: `decoder-${inputSize}`, batch, feeds: masked },
    ];
  });
}

/** The graph that makes the memory's key, fed with the part of the encoder's output that is picture. */
function keyCase({ inputSize }: CaseSizes, encoded: EarlierOutputs): GraphCase {
  const { columns, rows } = gridOf(inputSize);
  const feeds = {
    stride4: crop(takeOutput(encoded, 'stride4_features'), 2 * columns, 2 * rows),
    stride8: crop(takeOutput(encoded, 'stride8_features'), columns, rows),
    stride16: crop(takeOutput(encoded, 'image_embeddings'), columns / 2, rows / 2),
  };
  return { role: 'memory-key', batch: `${columns}x${rows} cells`, feeds };
}

/** Writing to and reading from a memory, fed with the key graph's output. */
function memoryCases({ inputSize, objects, frames }: CaseSizes, { keyChannels, valueChannels }: MemorySizes, keyed: EarlierOutputs): GraphCase[] {
  const { columns, rows } = gridOf(inputSize);
  const cells = columns * rows;
  const [key, context, detail] = ['key', 'context', 'detail'].map((name) => takeOutput(keyed, name)) as [FloatTensor, FloatTensor, FloatTensor];
  return objects.flatMap((count) => {
    const random = createRandom(count);
    const masks = { ...stripes(count, rows, columns), dims: [count, 1, rows, columns] };
    const batch = counted(count, 'object');
    const read = {
      query_key: key,
      query_context: context,
      query_detail: detail,
      memory_keys: tensor([frames, keyChannels, cells], (i) => key.data[i % key.data.length]! + 0.02 * random()),
      memory_values: tensor([frames, count, valueChannels, cells], () => random() - 0.5),
      valid: tensor([count, frames], () => 1),
      given: tensor([count, frames], (i) => (i % frames === 0 ? 1 : 0)),
      previous_masks: masks,
    };
    return [
      { role: 'memory-value', batch, feeds: { context, masks, others: inverse(masks) } },
      { role: 'memory-read', batch: `${batch}, ${frames} frames`, feeds: read },
    ];
  });
}

function gridOf(inputSize: number): { readonly columns: number; readonly rows: number } {
  return { columns: inputSize / 8, rows: 2 * Math.ceil(inputSize / ASPECT / 16) };
}

/** The top left of a square of features: [1, channels, rows, columns]. */
function crop({ data, dims }: FloatTensor, columns: number, rows: number): FloatTensor {
  const [, channels, side] = dims as [number, number, number];
  return tensor([1, channels, rows, columns], (i) => {
    const line = Math.floor(i / columns);
    return data[(Math.floor(line / rows) * side + (line % rows)) * side + (i % columns)]!;
  });
}
