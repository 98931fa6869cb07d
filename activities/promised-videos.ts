import type { VideoInfo } from '../contracts/video-info';
import { ValueCache } from '../adapters/store/value-cache';

/** Videos, and bytes of their timelines: those of a page of an archive, or of one film that lasts for days. */
const KEPT = { videos: 64, bytes: 64e6 } as const;
const BYTES_PER_FRAME = 8;

/**
 * What containers say of videos that an archive run has looked at, by the sha256 of their bytes, until the job of the video asks for it:
 * mostly on the same worker and soon, and then the file is not read for it a second time.
 */
export class PromisedVideos {
  private readonly kept = new ValueCache(KEPT.videos, KEPT.bytes);

  put(videoId: string, info: VideoInfo): void {
    this.kept.set(videoId, info, BYTES_PER_FRAME * info.pts.length);
  }

  /** Hand it out and forget it; undefined when it is not here. */
  take(videoId: string): VideoInfo | undefined {
    const info = this.kept.get(videoId) as VideoInfo | undefined;
    this.kept.delete(videoId);
    return info;
  }
}
