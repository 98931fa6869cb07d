import fc from 'fast-check';
import { FrameHashMismatch } from '../../../../core/stitch/frame-hash-mismatch';
import { matchOverlap } from '../../../../core/stitch/match-overlap';
import type { OverlapMatch, OverlapSide } from '../../../../core/stitch/types';
import { chunkAt, moving, OPTIONS, sideOf, type Actor } from '../support/world';

/** Two chunks [0, 20) and [10, 30), window [10, 20). */
function match(
  left: Record<number, Actor>,
  right: Record<number, Actor>,
  looks?: { left: Record<number, number[]>; right: Record<number, number[]> },
): OverlapMatch {
  const vectors = (list: Record<number, number[]>): ReadonlyMap<number, Float32Array> =>
    new Map(Object.entries(list).map(([id, v]) => [Number(id), Float32Array.from(v)]));
  const a = sideOf(chunkAt(0, 0, 0, 20, left), 10, 20);
  const b = sideOf(chunkAt(1, 10, 20, 30, right), 10, 20);
  return matchOverlap(
    looks ? { ...a, appearance: vectors(looks.left) } : a,
    looks ? { ...b, appearance: vectors(looks.right) } : b,
    OPTIONS,
  );
}

const decisions = (result: OverlapMatch): string[] => result.pairs.map((p) => `${p.left}-${p.right} ${p.decision}`);

describe('matchOverlap', () => {
  it('finds nothing between empty chunks, nor in an empty window', () => {
    expect(match({}, {}).pairs).toEqual([]);
    const side: OverlapSide = { chunkIndex: 0, tracklets: [], frames: [] };
    expect(matchOverlap(side, { ...side, chunkIndex: 1 }, OPTIONS)).toEqual({ leftChunk: 0, rightChunk: 1, pairs: [], lineage: [] });
  });

  it('joins objects that cover the same pixels, whatever their local IDs', () => {
    const a = moving([2, 2, 12, 12], [1, 0]);
    const b = moving([40, 20, 10, 20], [0, 0]);
    const result = match({ 1: a, 2: b }, { 7: b, 9: a });
    expect(decisions(result)).toEqual(['1-9 joined', '2-7 joined']);
    const { evidence, cutFrame } = result.pairs[0]!;
    expect(evidence).toMatchObject({ volumeIou: 1, jointIou: 1, jointFrames: 10, agreeingFrames: 10, areaRatio: 1, centroidDistance: 0 });
    expect(cutFrame).toBe(14);
  });

  it('a late start of one side does not count against the pair', () => {
    const late = moving([10, 10, 20, 20], [0, 0], 16);
    const result = match({ 1: moving([10, 10, 20, 20]) }, { 1: late });
    expect(decisions(result)).toEqual(['1-1 joined']);
    expect(result.pairs[0]!.evidence).toMatchObject({ jointIou: 1, jointFrames: 4, volumeIou: 0.4 });
    expect(result.pairs[0]!.cutFrame).toBe(16);
  });

  it('a meeting of two frames must agree better', () => {
    const brief = (box: [number, number, number, number]): OverlapMatch =>
      match({ 1: moving([10, 10, 20, 20]) }, { 1: moving(box, [0, 0], 18) });
    expect(decisions(brief([10, 10, 20, 20]))).toEqual(['1-1 joined']);
    expect(decisions(brief([10, 10, 20, 12]))).toEqual(['1-1 rejected']);
  });

  it('joins look-alikes of little overlap only when they are each other\'s best', () => {
    const left = { 1: moving([10, 10, 20, 20]) };
    const right = { 1: moving([20, 10, 20, 20]) };
    expect(decisions(match(left, right))).toEqual(['1-1 rejected']);
    expect(decisions(match(left, right, { left: { 1: [1, 0] }, right: { 1: [0.6, 0.8] } }))).toEqual(['1-1 rejected']);
    expect(decisions(match(left, right, { left: { 1: [1, 0] }, right: { 1: [0.8, 0.6] } }))).toEqual(['1-1 joined']);
    const better = { ...right, 2: moving([14, 10, 20, 20]) };
    const alike = { left: { 1: [1, 0] }, right: { 1: [1, 0], 2: [1, 0] } };
    expect(decisions(match(left, better, alike))).toEqual(['1-1 rejected', '1-2 joined']);
  });

  it('a part inside a whole is no rival: both keep their identity', () => {
    const whole = moving([10, 10, 30, 30]);
    const part = moving([12, 12, 24, 20]);
    expect(decisions(match({ 1: whole, 2: part }, { 1: part, 2: whole }))).toEqual([
      '1-1 rejected', '1-2 joined', '2-1 joined', '2-2 rejected',
    ]);
    expect(decisions(match({ 1: whole }, { 1: part, 2: whole }))).toEqual(['1-1 rejected', '1-2 joined']);
  });

  it('a rival of similar size that fits as well makes the join ambiguous', () => {
    const left = { 1: moving([10, 10, 20, 20]) };
    const right = { 1: moving([6, 10, 20, 20]), 2: moving([14, 10, 20, 20]) };
    const result = match(left, right);
    expect(decisions(result)).toEqual(['1-1 ambiguous', '1-2 rejected']);
    expect(result.pairs[0]!.reason).toContain('right tracklet 2');
    expect(decisions(match(right, left))).toContain('1-1 ambiguous');
  });

  it('but not when the rival has a clearly better partner of its own', () => {
    const shifted = moving([14, 10, 20, 20]);
    const result = match({ 1: moving([10, 10, 20, 20]), 2: shifted }, { 1: moving([6, 10, 20, 20]), 2: shifted });
    expect(decisions(result)).toEqual(['1-1 joined', '1-2 rejected', '2-1 rejected', '2-2 joined']);
  });

  it('nor when the rival is the same region a second time', () => {
    const result = match({ 1: moving([10, 10, 20, 20]) }, { 1: moving([10, 10, 20, 19]), 2: moving([10, 10, 20, 20]) });
    expect(decisions(result)).toEqual(['1-1 rejected', '1-2 joined']);
  });

  it('one clear join is not given up for two middling ones', () => {
    const left = { 1: moving([10, 10, 20, 20]), 2: moving([17, 10, 20, 20]) };
    const right = { 1: moving([10, 10, 20, 20]), 2: moving([3, 10, 20, 20]) };
    expect(decisions(match(left, right))).toContain('1-1 joined');
  });

  it('the largest piece of a split inherits, the others say where they come from', () => {
    const left = { 1: moving([10, 10, 30, 20]) };
    const right = { 4: moving([10, 10, 12, 20]), 5: moving([23, 10, 17, 20]) };
    const result = match(left, right);
    expect(decisions(result)).toEqual(['1-4 rejected', '1-5 joined']);
    expect(result.lineage).toEqual([{ kind: 'split_from', piece: 4, whole: 1 }]);
  });

  it('a split into halves is a split, not an ambiguity; and a merge is its mirror image', () => {
    const whole = { 1: moving([10, 10, 20, 20]) };
    const halves = { 1: moving([10, 10, 10, 20]), 2: moving([20, 10, 10, 20]) };
    expect(decisions(match(whole, halves))).toEqual(['1-1 joined', '1-2 rejected']);
    const merged = match(halves, whole);
    expect(decisions(merged)).toEqual(['1-1 joined', '2-1 rejected']);
    expect(merged.lineage).toEqual([{ kind: 'merged_into', piece: 2, whole: 1 }]);
  });

  it('a new part inside a whole that goes on is no split', () => {
    const whole = moving([10, 10, 30, 30]);
    expect(match({ 1: whole }, { 1: whole, 2: moving([12, 12, 10, 10]) }).lineage).toEqual([]);
  });

  it('objects far apart are never joined, however alike', () => {
    const result = match({ 1: moving([0, 0, 9, 9]) }, { 1: moving([40, 30, 9, 9]) }, { left: { 1: [1] }, right: { 1: [1] } });
    expect(result.pairs).toEqual([]);
  });

  it('refuses windows that do not belong together, naming the frame', () => {
    const a = sideOf(chunkAt(0, 0, 0, 20, {}), 10, 20);
    const b = sideOf(chunkAt(1, 10, 20, 30, {}), 10, 20, (frame) => (frame === 13 ? 'other' : `h${frame}`));
    expect(() => matchOverlap(a, b, OPTIONS)).toThrow(FrameHashMismatch);
    expect(() => matchOverlap(a, b, OPTIONS)).toThrow('Chunks 0 and 1 decoded frame 13 to different pixels');
    expect(() => matchOverlap(a, { ...a, frames: a.frames.slice(1) }, OPTIONS)).toThrow(RangeError);
    expect(() => matchOverlap(a, { ...a, frames: a.frames.map((f) => ({ ...f, frame: f.frame + 1 })) }, OPTIONS)).toThrow('faces frame');
    const stray = { ...sideOf(chunkAt(0, 0, 0, 20, { 1: moving([0, 0, 2, 2]) }), 10, 20), tracklets: [] };
    expect(() => matchOverlap(stray, a, OPTIONS)).toThrow('unknown tracklet 1');
  });

  const actors = fc.array(
    fc.tuple(fc.nat(40), fc.nat(30), fc.integer({ min: 3, max: 25 }), fc.integer({ min: 3, max: 20 }), fc.integer({ min: 0, max: 16 })),
    { maxLength: 5 },
  );
  const cast = (list: [number, number, number, number, number][]): Record<number, Actor> =>
    Object.fromEntries(list.map(([x, y, w, h, first], i) => [i + 1, moving([x, y, w, h], [0, 0], first)]));

  it('joins one to one, and lists do not need an order', () => {
    fc.assert(
      fc.property(actors, actors, (l, r) => {
        const a = sideOf(chunkAt(0, 0, 0, 20, cast(l)), 10, 20);
        const b = sideOf(chunkAt(1, 10, 20, 30, cast(r)), 10, 20);
        const result = matchOverlap(a, b, OPTIONS);
        const joined = result.pairs.filter((p) => p.decision === 'joined');
        expect(new Set(joined.map((p) => p.left)).size).toBe(joined.length);
        expect(new Set(joined.map((p) => p.right)).size).toBe(joined.length);
        joined.forEach((p) => expect(p.cutFrame).not.toBeNull());
        const shuffle = (s: OverlapSide): OverlapSide => ({
          ...s,
          tracklets: [...s.tracklets].reverse(),
          frames: s.frames.map((f) => ({ ...f, masks: new Map([...f.masks].reverse()) })),
        });
        expect(matchOverlap(shuffle(a), shuffle(b), OPTIONS)).toEqual(result);
      }),
      { numRuns: 60 },
    );
  });
});
