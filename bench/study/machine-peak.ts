import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tensor } from './case-tensors';
import { lengthField, numberField } from './protobuf-bytes';
import { timeGraph } from './time-graph';

/** Rows and columns of the product: large enough that packing and reading it count for little. */
const SIDE = 2048;
const COPY_BYTES = 512 * 2 ** 20;
const ROUNDS = 5;

/**
 * Billions of floating-point operations a second (a multiplication and an addition are two) of one large product of float32 matrices in
 * onnxruntime, for each number of threads: what the networks could reach if they were nothing else.
 */
export async function measurePeak(threads: readonly number[], seconds: number): Promise<number[]> {
  const folder = await mkdtemp(join(tmpdir(), 'vamg-peak-'));
  try {
    const path = join(folder, 'product.onnx');
    await writeFile(path, productGraph(SIDE));
    const matrix = tensor([SIDE, SIDE], (i) => Math.sin(i));
    const peaks: number[] = [];
    for (const intraOpThreads of threads) {
      const [timing] = await timeGraph(path, [{ role: 'product', batch: '', feeds: { a: matrix, b: matrix } }], { intraOpThreads }, seconds);
      peaks.push((2 * SIDE ** 3) / (timing!.ms * 1e6));
    }
    return peaks;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Gigabytes a second that one thread copies from memory to memory, the best of some rounds. */
export function measureCopy(): number {
  const [from, to] = [Buffer.alloc(COPY_BYTES, 1), Buffer.alloc(COPY_BYTES, 2)];
  const seconds = Array.from({ length: ROUNDS }, () => {
    const startedAt = performance.now();
    from.copy(to);
    return (performance.now() - startedAt) / 1000;
  });
  return COPY_BYTES / 1e9 / Math.min(...seconds);
}

/** An ONNX model, c = a b, for square matrices (fields by the numbers of onnx.proto). */
function productGraph(side: number): Buffer {
  const dim = lengthField(1, numberField(1, side));
  const value = (name: string): Buffer[] => [lengthField(1, name), lengthField(2, lengthField(1, numberField(1, 1), lengthField(2, dim, dim)))];
  const node = lengthField(1, lengthField(1, 'a'), lengthField(1, 'b'), lengthField(2, 'c'), lengthField(4, 'MatMul'));
  const graph = lengthField(7, node, lengthField(2, 'product'), lengthField(11, ...value('a')), lengthField(11, ...value('b')), lengthField(12, ...value('c')));
  return Buffer.concat([numberField(1, 8), graph, lengthField(8, numberField(2, 17))]);
}
