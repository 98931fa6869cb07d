import type { DeaotFrame, DeaotNetwork } from '../../../contracts/deaot-network';
import type { TrackFrame } from '../types';

/** What is kept at most: some frames at 1040 pixels, and all that a chunk tracker holds back at 480. */
const MOST_BYTES = 256 * 1024 * 1024;
const MOST_FRAMES = 64;

/** Encoder output of the last frames, shared by the forward and the backward sessions of a chunk; nothing is kept for a frame that is dropped. */
export class FrameCache {
  private readonly frames = new WeakMap<TrackFrame, Promise<DeaotFrame>>();
  private readonly kept: { readonly frame: WeakRef<TrackFrame>; readonly bytes: number }[] = [];
  private bytes = 0;

  constructor(
    private readonly network: Pick<DeaotNetwork, 'encode'>,
    private readonly signal?: AbortSignal,
    private readonly mostBytes = MOST_BYTES,
  ) {}

  async encodedOf(frame: TrackFrame): Promise<DeaotFrame> {
    const known = this.frames.get(frame);
    if (known) return known;
    const encoding = this.network.encode(frame.image, this.signal);
    this.frames.set(frame, encoding);
    encoding.catch(() => this.frames.delete(frame));
    const encoded = await encoding;
    this.keep(frame, sizeOf(encoded));
    return encoded;
  }

  /** The newest frame is kept in any case. */
  private keep(newest: TrackFrame, bytes: number): void {
    this.kept.push({ frame: new WeakRef(newest), bytes });
    this.bytes += bytes;
    while (this.kept.length > 1 && (this.bytes > this.mostBytes || this.kept.length > MOST_FRAMES)) {
      const oldest = this.kept.shift()!;
      this.bytes -= oldest.bytes;
      const frame = oldest.frame.deref();
      if (frame) this.frames.delete(frame);
    }
  }
}

function sizeOf({ maps }: DeaotFrame): number {
  return Object.values(maps).reduce((sum, { data }) => sum + data.byteLength, 0);
}
