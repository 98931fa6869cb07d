import type { VideoInfo } from '../../../contracts/video-info';
import { chooseSeekPoint } from '../../../adapters/ffmpeg/decode-args';
import { timelinePart } from '../../../core/pipeline/timeline-part';

test('a part of a timeline holds its frames, and reading any of them starts where it would with the whole', () => {
  const pts = Array.from({ length: 200 }, (_, i) => 10 * i + (i % 3));
  const seekPoints = pts.filter((_, i) => i % 12 === 0).map((value) => ({ pts: value, dts: value - 5 }));
  const info = { pts, seekPoints, startPts: 0, durationSeconds: 80 } as unknown as VideoInfo;
  for (const [from, to] of [[0, 200], [0, 5], [12, 13], [13, 80], [37, 120], [190, 200]] as const) {
    const part = timelinePart(info, from, to);
    expect(part.pts).toEqual(pts.slice(from, to));
    for (const value of part.pts) expect([value, chooseSeekPoint(part, value)]).toEqual([value, chooseSeekPoint(info, value)]);
    expect(part.seekPoints.length).toBeLessThanOrEqual(Math.ceil((to - from) / 12) + 2);
  }
});
