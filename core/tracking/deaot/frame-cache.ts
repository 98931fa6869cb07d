import type { DeaotFrame, DeaotNetwork } from '../../../contracts/deaot-network';
import type { TrackFrame } from '../types';

/** Bytes of encoded frames that are kept: some frames at 1040 pixels, and dozens at 480. */
const MOST_BYTES = 256 * 1024 * 1024;

/** Encoder output of the last frames, shared by the forward and the backward sessions of a chunk. */
export class FrameCache {
  private readonly frames = new Map<TrackFrame, Promise<DeaotFrame>>();
  private bytes = 0;

  constructor(
    private readonly network: Pick<DeaotNetwork, 'encode'>,
    private readonly signal?: AbortSignal,
    private readonly mostBytes = MOST_BYTES,
  ) {}

  async encodedOf(frame: TrackFrame): Promise<DeaotFrame> {
    let encoded = this.frames.get(frame);
    if (!encoded) {
      encoded = this.network.encode(frame.image, this.signal);
      this.frames.set(frame, encoded);
      encoded.catch(() => this.frames.delete(frame));
      this.bytes += sizeOf(await encoded);
      await this.shrink(frame);
    }
    return encoded;
  }

  private async shrink(newest: TrackFrame): Promise<void> {
    for (const [frame, encoded] of this.frames) {
      if (this.bytes <= this.mostBytes || frame === newest) return;
      this.frames.delete(frame);
      this.bytes -= sizeOf(await encoded);
    }
  }
}

function sizeOf({ maps }: DeaotFrame): number {
  return Object.values(maps).reduce((sum, { data }) => sum + data.byteLength, 0);
}
