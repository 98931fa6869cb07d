import type { MemorySizes } from '../../contracts/memory-network';
import { hasMemoryNetwork, type ResolvedBundle } from '../../models/bundles';
import type { FloatTensor } from '../../models/runtime/ort-session';

/** One graph with inputs of one size. */
export interface GraphCase {
  /** Bundle role of the graph. */
  readonly role: string;
  /** What the batch is, for people. */
  readonly batch: string;
  readonly feeds: Readonly<Record<string, FloatTensor>>;
}

export interface CaseSizes {
  readonly inputSize: number;
  /** Prompts per decoder call. */
  readonly prompts: readonly number[];
  /** Objects per call of the memory graphs. */
  readonly objects: readonly number[];
  /** Frames in the memory. */
  readonly frames: number;
}

/** What earlier graphs gave, by output name: decoders and memory graphs are fed with it, so that their inputs are real ones. */
export type EarlierOutputs = Readonly<Record<string, FloatTensor>>;

/** Width to height of the picture inside the square. */
const ASPECT = 16 / 9;

/** The encoder of a bundle on a drawn picture: shades, discs and grain, the same for everyone. */
export function encoderCase({ inputSize }: CaseSizes): GraphCase {
  const data = new Float32Array(3 * inputSize * inputSize);
  const random = createRandom(1);
  const discs = Array.from({ length: 24 }, () => ({ x: random() * inputSize, y: (random() * inputSize) / ASPECT, r: (0.02 + 0.1 * random()) * inputSize, shade: 4 * random() - 2 }));
  for (let c = 0, i = 0; c < 3; c++)
    for (let y = 0; y < inputSize; y++)
      for (let x = 0; x < inputSize; x++, i++) {
        if (y >= inputSize / ASPECT) continue;
        const disc = discs.find((one) => (x - one.x) ** 2 + (y - one.y) ** 2 < one.r ** 2);
        data[i] = (disc ? disc.shade * (1 - 0.3 * c) : (x - y) / inputSize) + 0.1 * random();
      }
  return { role: `encoder-${inputSize}`, batch: '1 picture', feeds: { image: { data, dims: [1, 3, inputSize, inputSize] } } };
}

/** Both decoders, fed with the encoder's output. */
export function decoderCases({ inputSize, prompts }: CaseSizes, encoded: EarlierOutputs): GraphCase[] {
  const side = inputSize / 4;
  return prompts.flatMap((count) => {
    const random = createRandom(count);
    const feeds = {
      image_embeddings: encoded['image_embeddings']!,
      point_coords: tensor([count, 2, 2], (i) => (i % 4 < 2 ? random() * (inputSize / ASPECT) : 0)),
      point_labels: tensor([count, 2], (i) => (i % 2 === 0 ? 1 : -1)),
    };
    const masked = { ...feeds, mask_input: tensor([count, 1, side, side], () => 8 * random() - 4), has_mask_input: tensor([1], () => 1) };
    const batch = `${count} prompt${count === 1 ? '' : 's'}`;
    return [
      { role: `points-decoder-${inputSize}`, batch, feeds },
      { role: `decoder-${inputSize}`, batch, feeds: masked },
    ];
  });
}

/** The graph that makes the memory's key, fed with the part of the encoder's output that is picture. None without a memory network. */
export function keyCases(bundle: ResolvedBundle, { inputSize }: CaseSizes, encoded: EarlierOutputs): GraphCase[] {
  if (bundle.manifest.family !== 'sam' || !hasMemoryNetwork(bundle.manifest)) return [];
  const { columns, rows } = gridOf(inputSize);
  const feeds = {
    stride4: crop(encoded['stride4_features']!, 2 * columns, 2 * rows),
    stride8: crop(encoded['stride8_features']!, columns, rows),
    stride16: crop(encoded['image_embeddings']!, columns / 2, rows / 2),
  };
  return [{ role: 'memory-key', batch: `${columns}x${rows} cells`, feeds }];
}

/** Writing to and reading from a memory, fed with the key graph's output. */
export function memoryCases({ inputSize, objects, frames }: CaseSizes, { keyChannels, valueChannels }: MemorySizes, keyed: EarlierOutputs): GraphCase[] {
  const { columns, rows } = gridOf(inputSize);
  const cells = columns * rows;
  const [key, context, detail] = ['key', 'context', 'detail'].map((name) => keyed[name]!) as [FloatTensor, FloatTensor, FloatTensor];
  return objects.flatMap((count) => {
    const random = createRandom(count);
    const masks = tensor([count, 1, rows, columns], (i) => (Math.floor(((i % columns) * count) / columns) === Math.floor(i / cells) ? 1 : 0));
    const batch = `${count} object${count === 1 ? '' : 's'}`;
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
      { role: 'memory-value', batch, feeds: { context, masks, others: { ...masks, data: masks.data.map((value) => 1 - value) } } },
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

function tensor(dims: readonly number[], value: (i: number) => number): FloatTensor {
  return { data: Float32Array.from({ length: dims.reduce((product, dim) => product * dim, 1) }, (_, i) => value(i)), dims };
}

/** Numbers from 0 to 1, the same for a seed everywhere (a linear congruential generator). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}
