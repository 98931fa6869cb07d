import type { FrameKey, MemoryNetwork, QueryFrame } from '../../../contracts/memory-network';
import type { TrackFrame } from '../types';

/** What is remembered of a frame; its detail is only kept as long as the frame is. */
export function rememberedKey({ columns, rows, key, context }: FrameKey): FrameKey {
  return { columns, rows, key, context };
}

/** Keys of frames, computed once for the forward and the backward sessions of a chunk. They live as long as their frame object. */
export class KeyCache {
  private readonly keys = new WeakMap<TrackFrame, Promise<QueryFrame>>();

  constructor(
    private readonly network: MemoryNetwork,
    private readonly signal?: AbortSignal,
  ) {}

  keyOf(frame: TrackFrame): Promise<QueryFrame> {
    let key = this.keys.get(frame);
    if (!key) this.keys.set(frame, (key = this.compute(frame)));
    return key;
  }

  private async compute(frame: TrackFrame): Promise<QueryFrame> {
    return this.network.key(await frame.embedding(), this.signal);
  }
}
