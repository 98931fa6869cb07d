import { chooseCutFrame } from '../../../../core/stitch/choose-cut-frame';

describe('chooseCutFrame', () => {
  const frames = [10, 11, 12, 13, 14];

  it.each([
    ['the middle when all agree alike', [1, 1, 1, 1, 1], 0, 12],
    ['the frame of best agreement', [0.5, 0.5, 0.5, 0.5, 0.9], 0, 14],
    ['the nearest to the middle among almost equals', [0.91, 0.5, 0.5, 0.9, 0.5], 0, 13],
    ['the earlier of two equally near', [0.1, 0.9, 0.1, 0.9, 0.1], 0, 11],
    ['a later frame when the best lies in the hot start', [0.99, 0.5, 0.1, 0.1, 0.1], 1, 11],
    ['a hot start frame when there is no other', [0.9, null, null, null, null], 3, 10],
    ['only frames where both are visible', [null, null, null, 0, null], 0, 13],
    ['nothing when the two never meet', [null, null, null, null, null], 0, null],
  ])('takes %s', (_, ious, hotstart, expected) => {
    expect(chooseCutFrame(frames, ious, hotstart)).toBe(expected);
  });

  it('takes nothing from an empty window', () => {
    expect(chooseCutFrame([], [], 0)).toBeNull();
  });
});
