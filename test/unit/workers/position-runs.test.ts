import fc from 'fast-check';
import { groupByStride } from '../../../workers/inference-jobs/position-runs';

describe('groupByStride', () => {
  it.each([
    { positions: [], runs: [] },
    { positions: [5], runs: [{ first: 5, stride: 1, count: 1 }] },
    { positions: [3, 8, 16, 24], runs: [{ first: 3, stride: 1, count: 1 }, { first: 8, stride: 8, count: 3 }] },
    { positions: [0, 1, 2], runs: [{ first: 0, stride: 1, count: 3 }] },
  ])('cuts $positions into runs of even spacing', ({ positions, runs }) => {
    expect(groupByStride(positions)).toEqual(runs);
  });

  it('gives back exactly the positions, whatever they are', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(300), { maxLength: 40 }), (set) => {
        const positions = [...set].sort((a, b) => a - b);
        const back = groupByStride(positions).flatMap((run) => Array.from({ length: run.count }, (_, i) => run.first + i * run.stride));
        expect(back).toEqual(positions);
      }),
    );
  });
});
