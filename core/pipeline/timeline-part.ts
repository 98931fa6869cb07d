import type { VideoInfo } from '../../contracts/video-info';
import { countBelow } from '../planning/ascending';

/** Random access points before a frame that reading it may need: it starts at the one before the last (see chooseSeekPoint). */
const RUN_UP = 2;

/**
 * What is needed of a video to read frames [from, to): of its timeline only these frames, so that `pts[0]` belongs to frame `from`, and
 * of its random access points those that they may be read from. A hundred hours have millions of frames, a chunk some hundreds.
 */
export function timelinePart(info: VideoInfo, from: number, to: number): VideoInfo {
  const pts = info.pts.slice(from, to);
  const [first, last] = [pts[0]!, pts.at(-1)!];
  const at = info.seekPoints.map((point) => point.pts);
  const seekPoints = info.seekPoints.slice(Math.max(0, countBelow(at, first + 1) - RUN_UP), countBelow(at, last + 1));
  return { ...info, pts, seekPoints };
}
