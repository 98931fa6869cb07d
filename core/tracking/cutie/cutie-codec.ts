import type { CutieSettings } from '../../../contracts/cutie-network';
import { readFloatMap, sized, writeFloatMap, type StateCodec } from '../token-memory/token-state';
import type { CutieObject } from './cutie-memory';

/** By object: mask of the last frame but the current one, [cells]. */
export type LastMasks = ReadonlyMap<number, Float32Array>;

/** How a Cutie tracker writes what is its own. */
export function cutieCodec({ sensory_dim, num_queries, embed_dim }: CutieSettings): StateCodec<CutieObject, LastMasks> {
  return {
    magic: 0x43555431, // "CUT1"
    name: 'Cutie',
    writeOwn: writeFloatMap,
    readOwn: readFloatMap,
    writeObject: (out, { sensory, summaries }) => void out.floats(sensory).floats(summaries ?? new Float32Array(0)),
    readObject: (from, cells) => {
      const sensory = sized(from.floats(), sensory_dim * cells);
      const summaries = from.floats();
      return { sensory, summaries: summaries.length === 0 ? null : sized(summaries, num_queries * (embed_dim + 1)) };
    },
  };
}
