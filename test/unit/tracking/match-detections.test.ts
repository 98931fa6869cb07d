import { encodeRle } from '../../../core/mask/rle';
import type { Rle } from '../../../core/mask/types';
import type { DetectionCandidate } from '../../../core/tracking/detection-candidates';
import { matchDetections, shouldRefresh } from '../../../core/tracking/match-detections';

/** The left `columns` columns of a picture of 20 x 10. */
function left(columns: number): Rle {
  return encodeRle({ width: 20, height: 10, data: Uint8Array.from({ length: 200 }, (_, i) => Number(i % 20 < columns)) });
}

function candidate(columns: number, quality = 0.9): DetectionCandidate {
  return { rle: left(columns), area: columns * 10, quality };
}

describe('matching tracks with detections', () => {
  it('takes the best pair, and leaves unexplained what no track covers well', () => {
    const { matches, unexplained } = matchDetections([left(10)], [candidate(6), candidate(9), candidate(20), candidate(11)], 0.5, [0.8]);
    expect(matches.map(({ track, detection }) => [track, detection])).toEqual([[0, 3]]);
    expect(matches[0]!.iou).toBeCloseTo(10 / 11, 6);
    expect(unexplained).toEqual([0, 2]);
  });

  it('leaves a detection of another extent unexplained although it supports the track', () => {
    expect(matchDetections([left(10)], [candidate(14)], 0.5, [0.8])).toMatchObject({ matches: [{ track: 0, detection: 0 }], unexplained: [0] });
    expect(matchDetections([left(10)], [candidate(14)], 0.5, [0.5])).toMatchObject({ matches: [{ track: 0, detection: 0 }], unexplained: [] });
  });

  it('explains all when there are no detections, and nothing when there are no tracks', () => {
    expect(matchDetections([left(10)], [], 0.5, [0.8])).toEqual({ matches: [], unexplained: [] });
    expect(matchDetections([], [candidate(10)], 0, [])).toEqual({ matches: [], unexplained: [0] });
  });
});

describe('whether a detection replaces the propagated mask', () => {
  it('always in the iou tracker, never in the memory tracker, in the prompt tracker where it agrees and is not worse', () => {
    const propagated = left(10);
    expect(shouldRefresh('iou', propagated, 1, candidate(20, 0.1), 0.5)).toBe(true);
    expect(shouldRefresh('memory', propagated, 0.5, candidate(10, 1), 1)).toBe(false);
    expect(shouldRefresh('prompt', propagated, 0.9, candidate(11), 10 / 11)).toBe(true);
    expect(shouldRefresh('prompt', propagated, 0.9, candidate(14), 10 / 14)).toBe(false);
    expect(shouldRefresh('prompt', propagated, 0.9, candidate(11, 0.7), 10 / 11)).toBe(false);
  });
});
