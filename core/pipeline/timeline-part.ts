import type { VideoInfo } from '../../contracts/video-info';
import { countWhile } from '../planning/ascending';

/** Random access points before a frame that reading it may need: it starts at the one before the last (see chooseSeekPoint). */
const RUN_UP = 2;

/**
 * What is needed of a video to read frames [from, to): of its timeline only these frames, so that `pts[0]` belongs to frame `from`, and
 * of its random access points those that they may be read from. A hundred hours have millions of frames, a chunk some hundreds.
 */
export function timelinePart(info: VideoInfo, from: number, to: number): VideoInfo {
  const pts = info.pts.slice(from, to);
  const [first, last] = [pts[0]!, pts.at(-1)!];
  const upTo = (value: number): number => countWhile(info.seekPoints, (point) => point.pts <= value);
  const seekPoints = info.seekPoints.slice(Math.max(0, upTo(first) - RUN_UP), upTo(last));
  return { ...info, pts, seekPoints };
}
