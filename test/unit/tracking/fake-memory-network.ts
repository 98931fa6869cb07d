import type { FrameKey, MemoryAnswer, MemoryNetwork, MemoryQuery, QueryFrame } from '../../../contracts/memory-network';
import type { ImageEmbedding } from '../../../contracts/segmenter';
import { packHalfs, unpackHalfs } from '../../../core/tracking/float16';
import { pictureOf } from './fake-segmenter';

/** Colours of the four quarters of each cell. */
const CONTEXT = 12;
const { abs, floor, min } = Math;

/**
 * A memory network that recognises drawn shapes by colour. A value is the mean colour under the mask and the mask's cell count
 * (the same in every cell); a read finds the quarter cells of the mean remembered colour. Pictures of FakeSegmenter only.
 */
export class FakeMemoryNetwork implements MemoryNetwork {
  readonly sizes = { keyChannels: 3, contextChannels: CONTEXT, detailChannels: 1, valueChannels: 4 };
  keys = 0;
  values = 0;
  readonly reads: MemoryQuery[] = [];

  async key(embedding: ImageEmbedding, signal?: AbortSignal): Promise<QueryFrame> {
    signal?.throwIfAborted();
    this.keys++;
    const image = pictureOf(embedding);
    const columns = 2 * Math.ceil(embedding.validWidth / 16);
    const rows = 2 * Math.ceil(embedding.validHeight / 16);
    const cells = columns * rows;
    const quarter = (4 * embedding.imageWidth) / embedding.validWidth;
    const key = new Float32Array(3 * cells);
    const context = new Float32Array(CONTEXT * cells);
    for (let y = 0; y < 2 * rows; y++) {
      for (let x = 0; x < 2 * columns; x++) {
        const p = (min(image.height - 1, floor((y + 0.5) * quarter)) * image.width + min(image.width - 1, floor((x + 0.5) * quarter))) * 3;
        const cell = (y >> 1) * columns + (x >> 1);
        for (let c = 0; c < 3; c++) {
          key[c * cells + cell]! += image.data[p + c]! / 1024;
          context[(((y & 1) * 2 + (x & 1)) * 3 + c) * cells + cell] = image.data[p + c]! / 256;
        }
      }
    }
    return { columns, rows, key: packHalfs(key), context: packHalfs(context), detail: new Uint16Array(4 * cells) };
  }

  async value(frame: FrameKey, objects: number, masks: Float32Array, others: Float32Array, signal?: AbortSignal): Promise<Uint16Array> {
    signal?.throwIfAborted();
    this.values++;
    const cells = frame.columns * frame.rows;
    const out = new Float32Array(objects * 4 * cells);
    for (let n = 0; n < objects; n++) out.set(this.valueOf(frame, masks.subarray(n * cells, (n + 1) * cells), others.subarray(n * cells, (n + 1) * cells)), n * 4 * cells);
    return packHalfs(out);
  }

  private valueOf({ context: packed }: FrameKey, mask: Float32Array, others: Float32Array): Float32Array {
    const cells = mask.length;
    const context = unpackHalfs(packed);
    const sums = [0, 0, 0, 0];
    for (let i = 0; i < cells; i++) {
      if (mask[i]! < 0.9 || others[i]! > 0.5) continue;
      for (let c = 0; c < 3; c++) sums[c]! += context[c * cells + i]!;
      sums[3]!++;
    }
    const out = new Float32Array(4 * cells);
    sums.forEach((sum, c) => out.fill(c < 3 ? sum / Math.max(1, sums[3]!) : sum, c * cells, (c + 1) * cells));
    return out;
  }

  async read(query: MemoryQuery, signal?: AbortSignal): Promise<MemoryAnswer> {
    signal?.throwIfAborted();
    this.reads.push({ ...query, memoryValues: query.memoryValues.slice() });
    const { columns, rows } = query.query;
    const context = unpackHalfs(query.query.context);
    const cells = columns * rows;
    const memoryValues = unpackHalfs(query.memoryValues);
    const logits = new Float32Array(query.objects * 4 * cells).fill(-8);
    const presence = new Float32Array(query.objects).fill(-4);
    for (let n = 0; n < query.objects; n++) {
      const colour = [0, 0, 0];
      let weight = 0;
      for (let t = 0; t < query.frames; t++) {
        const at = (t * query.objects + n) * 4 * cells;
        const seen = query.valid[n * query.frames + t]! * memoryValues[at + 3 * cells]!;
        weight += seen;
        for (let c = 0; c < 3; c++) colour[c]! += seen * memoryValues[at + c * cells]!;
      }
      if (weight === 0) continue;
      for (let y = 0; y < 2 * rows; y++) {
        for (let x = 0; x < 2 * columns; x++) {
          const cell = (y >> 1) * columns + (x >> 1);
          const isAlike = colour.every((sum, c) => abs(context[(((y & 1) * 2 + (x & 1)) * 3 + c) * cells + cell]! - sum / weight) < 0.12);
          if (!isAlike) continue;
          logits[n * 4 * cells + y * 2 * columns + x] = 8;
          presence[n] = 4;
        }
      }
    }
    return { logits, presence };
  }

  inferenceMs(): number {
    return 0;
  }

  async dispose(): Promise<void> {}
}
