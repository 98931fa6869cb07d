import type { RgbImage } from '../../contracts/segmenter';
import { decodeRle, encodeRle } from '../../core/mask/rle';
import type { Rle } from '../../core/mask/types';
import type { Clip } from './clip';

/**
 * A clip as a mirror shows it, pictures and truth, under a name of its own. What is chosen by a clip fits its chances too: which of a hundred stones has a place,
 * on which side a thing is first seen. In the mirror the task is the same and the chances are others.
 */
export function mirrorClip(clip: Clip): Clip {
  return {
    ...clip,
    name: `${clip.name}-mirrored`,
    images: async function* (from, to): AsyncGenerator<RgbImage> {
      for await (const { width, height, data } of clip.images(from, to)) yield { width, height, data: mirrorRows(data, new Uint8Array(data.length), width, 3) };
    },
    truth: (position) => new Map([...clip.truth(position)].map(([id, rle]) => [id, mirrorRle(rle)])),
    truthSource: async (frame) => {
      const found = await clip.truthSource(frame);
      if (found === null) return null;
      const { width, height, data } = found.labels;
      return { ...found, labels: { width, height, data: mirrorRows(data, new Int32Array(data.length), width, 1) } };
    },
  };
}

function mirrorRle(rle: Rle): Rle {
  const { width, height, data } = decodeRle(rle);
  return encodeRle({ width, height, data: mirrorRows(data, new Uint8Array(data.length), width, 1) });
}

/** Rows of `width` pixels of so many values, each row from its end to its start. */
function mirrorRows<T extends Uint8Array | Int32Array>(from: ArrayLike<number>, to: T, width: number, values: number): T {
  const perRow = width * values;
  for (let row = 0; row < from.length; row += perRow) {
    for (let x = 0; x < width; x++) {
      for (let v = 0; v < values; v++) to[row + (width - 1 - x) * values + v] = from[row + x * values + v]!;
    }
  }
  return to;
}
