import type { FrameKey, MemoryNetwork, QueryFrame } from '../../../contracts/memory-network';
import type { TrackFrame } from '../types';
import { packHalfs, unpackHalfs } from '../float16';

/** Key and context of a frame as they are remembered. */
export interface PackedKey {
  readonly columns: number;
  readonly rows: number;
  readonly key: Uint16Array;
  readonly context: Uint16Array;
}

/** A frame as it is looked at; `detail` is only kept as long as the frame is. */
export interface PackedQuery {
  readonly key: PackedKey;
  readonly detail: Uint16Array;
}

export function unpackKey({ columns, rows, key, context }: PackedKey): FrameKey {
  return { columns, rows, key: unpackHalfs(key), context: unpackHalfs(context) };
}

export function unpackQuery({ key, detail }: PackedQuery): QueryFrame {
  return { ...unpackKey(key), detail: unpackHalfs(detail) };
}

/** Keys of frames, computed once for the forward and the backward sessions of a chunk. They live as long as their frame object. */
export class KeyCache {
  private readonly keys = new WeakMap<TrackFrame, Promise<PackedQuery>>();

  constructor(
    private readonly network: MemoryNetwork,
    private readonly signal?: AbortSignal,
  ) {}

  keyOf(frame: TrackFrame): Promise<PackedQuery> {
    let key = this.keys.get(frame);
    if (!key) this.keys.set(frame, (key = this.compute(frame)));
    return key;
  }

  private async compute(frame: TrackFrame): Promise<PackedQuery> {
    const { columns, rows, key, context, detail } = await this.network.key(await frame.embedding(), this.signal);
    return { key: { columns, rows, key: packHalfs(key), context: packHalfs(context) }, detail: packHalfs(detail) };
  }
}
