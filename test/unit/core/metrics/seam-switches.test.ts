import { SeamScorer, type Seam, type SeamScore } from '../../../../core/metrics/seam-switches';

/** IDs that follow the objects on frames 0, 1, 2 …: a number, null for a miss, a dot for an object that is out of sight. */
function score(seams: readonly Seam[], objects: Record<number, readonly (number | null | '.')[]>, frameStep = 1): SeamScore {
  const scorer = new SeamScorer(seams);
  const length = Math.max(...Object.values(objects).map((row) => row.length));
  for (let t = 0; t < length; t++) {
    const matches = new Map<number, number | null>();
    for (const [id, row] of Object.entries(objects)) if (row[t] !== '.') matches.set(Number(id), row[t] as number | null);
    scorer.addFrame(t * frameStep, matches);
  }
  return scorer.result();
}

const at6: Seam = { frame: 6, sharedFrom: 4 };

describe('SeamScorer', () => {
  it('counts no switch where IDs stay', () => {
    expect(score([at6], { 1: [5, 5, 5, 5, 5, 5, 5, 5], 2: [3, 3, 3, 3, 3, 3, 3, 3] })).toEqual({ seams: 1, crossings: 2, switches: 0, switchRate: 0 });
  });

  it.each([
    ['on the first frame after the border', [5, 5, 5, 5, 5, 5, 8, 8], 1],
    ['in the frames that both chunks share', [5, 5, 5, 5, 8, 8, 8, 8], 1],
    ['seen late, because the mask misses first', [5, 5, 5, 5, 5, 5, null, 8], 1],
    ['before the shared frames', [5, 5, 8, 8, 8, 8, 8, 8], 0],
    ['after the border', [5, 5, 5, 5, 5, 5, 5, 8], 0],
    ['there and back within the seam counts once', [5, 5, 5, 5, 8, 5, 5, 5], 1],
  ])('a change of ID %s', (_, row, switches) => {
    expect(score([at6], { 1: row, 2: [3, 3, 3, 3, 3, 3, 3, 3] })).toEqual({ seams: 1, crossings: 2, switches, switchRate: switches / 2 });
  });

  it('asks only about objects that the truth shows on both sides', () => {
    expect(score([at6], { 1: [5, 5, 5, 5, 5, 5, '.', 8] })).toEqual({ seams: 1, crossings: 0, switches: 0, switchRate: null });
    expect(score([at6], { 1: ['.', '.', '.', '.', '.', '.', 8, 8] })).toMatchObject({ crossings: 0 });
  });

  it('keeps seams apart, and works on numbers in the source', () => {
    const seams = [{ frame: 4, sharedFrom: 2 }, { frame: 10, sharedFrom: 10 }];
    expect(score(seams, { 1: [5, 5, 6, 6, 6, 7, 7] }, 2)).toEqual({ seams: 2, crossings: 2, switches: 2, switchRate: 1 });
    expect(score([], { 1: [5, 6] })).toEqual({ seams: 0, crossings: 0, switches: 0, switchRate: null });
  });

  it('takes truth on every other frame only', () => {
    const scorer = new SeamScorer([at6]);
    for (const [frame, track] of [[0, 5], [5, 5], [10, 8]] as const) scorer.addFrame(frame, new Map([[1, track]]));
    expect(scorer.result()).toMatchObject({ crossings: 1, switches: 1 });
  });
});
