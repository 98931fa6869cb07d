import type { XmemSettings } from '../../../contracts/xmem-network';
import { TokenMemory } from '../token-memory/token-memory';

/** What is remembered of one object besides its tokens: its hidden state, [hidden_dim, cells]. */
export interface XmemObject {
  hidden: Float32Array;
  /** What the current frame would make of it; null before the first one. Whether it does is known when the frame is left. */
  next: Float32Array | null;
}

/**
 * Working, long-term and sensory memory (memory_manager.py). Upstream keeps one row of keys for objects that came on different frames, and
 * their values end up beside other keys when frames become prototypes; here they have keys of their own, as Cutie's have
 * (docs/adr/0015-xmem.md).
 */
export class XmemMemory extends TokenMemory<XmemObject> {
  constructor({ key_dim, value_dim, enable_long_term, max_mid_term_frames, min_mid_term_frames, num_prototypes, max_long_term_elements }: XmemSettings) {
    super({
      keyDim: key_dim,
      valueDim: value_dim,
      hasLongTerm: enable_long_term,
      maxFrames: max_mid_term_frames,
      minFrames: min_mid_term_frames,
      prototypes: num_prototypes,
      makeRoom: (long) => long.forgetLeastUsed(max_long_term_elements - num_prototypes),
    });
  }
}
