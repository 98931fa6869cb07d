import type { CutieSettings } from '../../../contracts/cutie-network';
import { TokenMemory } from '../token-memory/token-memory';

/** What is remembered of one object besides its tokens. */
export interface CutieObject {
  /** [sensory_dim, cells]. */
  sensory: Float32Array;
  /** [num_queries, embed_dim + 1], sums over all remembered frames; null before the first one. */
  summaries: Float32Array | null;
}

/** Working, long-term, object and sensory memory (memory_manager.py). */
export class CutieMemory extends TokenMemory<CutieObject> {
  constructor({ key_dim, value_dim, use_long_term, max_mem_frames, long_term }: CutieSettings) {
    const room = long_term.max_num_tokens - long_term.num_prototypes;
    super({
      keyDim: key_dim,
      valueDim: value_dim,
      hasLongTerm: use_long_term,
      maxFrames: use_long_term ? long_term.max_mem_frames : max_mem_frames,
      minFrames: long_term.min_mem_frames,
      prototypes: long_term.num_prototypes,
      makeRoom: (long) => {
        if (long.count >= room) long.keep(long.mostUsed(room - long_term.buffer_tokens));
      },
    });
  }

  /** Add to the sums of features of an object. */
  addSummaries(id: number, summaries: Float32Array): void {
    const state = this.objects.get(id)!;
    const before = state.summaries;
    state.summaries = before ? before.map((value, i) => value + summaries[i]!) : summaries.slice();
  }
}
