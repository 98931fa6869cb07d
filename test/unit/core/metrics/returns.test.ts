import { countReturns, ReturnScorer, type ObjectReturns } from '../../../../core/metrics/returns';

/** The match of one object per labelled frame: an ID, null for a miss, a dot for out of sight. Frames are numbered 0, 10, 20 … */
function score(...row: readonly (number | null | '.')[]): ObjectReturns {
  const scorer = new ReturnScorer();
  row.forEach((match, t) => scorer.addFrame(t * 10, match === '.' ? new Map() : new Map([[1, match]])));
  return scorer.result().get(1)!;
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe('ReturnScorer', () => {
  it('counts an object that comes back after three labelled frames out of sight', () => {
    expect(score(5, 5, '.', '.', '.', 5, 5)).toEqual({ returns: [{ frame: 50, hiddenFrames: 3, before: 5, after: 5, outcome: 'kept' }], switchesOutsideReturns: 0 });
    expect(score(5, 5, '.', '.', 5, 5).returns).toEqual([]);
    expect(score('.', '.', '.', '.', 5, 5, '.', '.', '.', '.').returns).toEqual([]);
  });

  it.each([
    ['another ID', [5, 5, '.', '.', '.', 8, 8], { before: 5, after: 8, outcome: 'changed' }],
    ['nothing after it', [5, 5, '.', '.', '.', null, null], { before: 5, after: null, outcome: 'not found' }],
    ['nothing before it', [null, null, '.', '.', '.', 8, 8], { before: null, after: 8, outcome: 'not found' }],
    ['found after a while', [5, 5, '.', '.', '.', ...times(11, null), 5], { after: 5, outcome: 'kept' }],
    ['found too late', [5, 5, '.', '.', '.', ...times(12, null), 5], { after: null, outcome: 'not found' }],
    ['a wrong ID for a moment', [5, 5, '.', '.', '.', 8, 5, 5], { after: 5, outcome: 'kept' }],
    ['two IDs as long as each other: the later', [5, 5, '.', '.', '.', 5, 5, 8, 8], { after: 8, outcome: 'changed' }],
    ['a stray match on the last pixels before', [5, 5, 9, '.', '.', '.', 5], { before: 5, outcome: 'kept' }],
    ['a miss just before', [5, 5, null, null, '.', '.', '.', 5], { before: 5, outcome: 'kept' }],
  ] as const)('%s', (_what, row, expected) => expect(score(...row).returns).toEqual([expect.objectContaining(expected)]));

  it('judges each of several returns, and one that was not found by the ID from before it', () => {
    const { returns } = score(5, '.', '.', '.', null, '.', '.', '.', 5, '.', '.', '.', 7);
    expect(returns.map(({ frame, outcome }) => [frame, outcome])).toEqual([[40, 'not found'], [80, 'kept'], [120, 'changed']]);
  });

  it('puts a change of ID down to a return only when it is the first match after it', () => {
    expect(score(5, 6, 6, 5).switchesOutsideReturns).toBe(2);
    expect(score(5, '.', '.', 6).switchesOutsideReturns).toBe(1);
    expect(score(5, '.', '.', '.', null, 6, 6).switchesOutsideReturns).toBe(0);
    expect(score(5, '.', '.', '.', 6, 5).switchesOutsideReturns).toBe(1);
  });

  it('keeps objects apart, by number', () => {
    const scorer = new ReturnScorer();
    const frames: [number, number | null][][] = [[[2, 4], [1, 3]], [[1, 3]], [[1, 3]], [[1, 6]], [[1, 6], [2, 4]]];
    frames.forEach((matches, frame) => scorer.addFrame(frame, new Map(matches)));
    const objects = scorer.result();
    expect([...objects.keys()]).toEqual([1, 2]);
    expect(countReturns(objects.values())).toEqual({ returns: 1, kept: 1, changed: 0, notFound: 0, switchesOutsideReturns: 1 });
    expect(countReturns([])).toEqual({ returns: 0, kept: 0, changed: 0, notFound: 0, switchesOutsideReturns: 0 });
  });
});
