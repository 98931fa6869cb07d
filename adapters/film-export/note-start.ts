import type { FilmSource } from './types';

/** Where a film that begins with the first processed frame is to be laid over the video, when that is not the video's first. */
export function noteStart({ firstFrame, info }: Pick<FilmSource, 'firstFrame' | 'info'>): string[] {
  if (firstFrame === 0) return [];
  const seconds = ((info.pts[firstFrame]! - info.startPts) * info.timeBase.num) / info.timeBase.den;
  return [`Films begin with frame ${firstFrame} of the video: lay them over it from ${seconds.toFixed(3)} s on.`];
}
