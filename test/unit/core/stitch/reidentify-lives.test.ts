import { gatherGapEvidence, type LifeEnd } from '../../../../core/stitch/gap-evidence';
import { reidentifyLives, type GapPair, type Life, type ReidentifyRequest } from '../../../../core/stitch/reidentify-lives';

const OPTIONS = { reidentifyThresh: 0.75, reidentifyGap: 100, stitchMargin: 0.1 };
const SPAN = 640;

/** A unit vector at an angle: the cosine of two looks is the cosine of the angle between them. */
const look = (degrees: number): Float32Array => Float32Array.from([Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)]);

interface Sketch {
  readonly from: number;
  readonly to: number;
  readonly degrees?: number;
  readonly x?: number;
  readonly area?: number;
}

function life({ from, to, degrees = 0, x = 100, area = 900 }: Sketch, name: string): Life {
  const end = (frame: number): LifeEnd => ({ name, frame, place: { x, y: 50, extent: 30, area }, appearance: look(degrees), meanArea: area });
  return { begin: end(from), end: end(to) };
}

function reidentify(sketches: readonly Sketch[], more: Partial<ReidentifyRequest> = {}, options = OPTIONS): GapPair[] {
  const lives = sketches.map((sketch, i) => life(sketch, `life ${i}`));
  return reidentifyLives({ lives, sceneCuts: [], span: SPAN, isForbidden: () => false, ...more }, options);
}

const decisions = (pairs: readonly GapPair[]): string[] => pairs.map(({ before, after, decision }) => `${before}-${after} ${decision}`);

describe('gatherGapEvidence', () => {
  const before = life({ from: 0, to: 10 }, 'a').end;
  const after = (sketch: Partial<Sketch>): LifeEnd => life({ from: 21, to: 30, ...sketch }, 'b').begin;

  it('the same again, in the same place, is worth 1', () => {
    expect(gatherGapEvidence(before, after({}), false, SPAN)).toEqual({ gapFrames: 10, acrossCut: false, appearance: 1, areaRatio: 1, distance: 0, reach: 30 + 64, score: 1 });
  });

  it('a cosine of 0.6 or less speaks for nothing, and in between it counts in proportion', () => {
    const scoreAt = (degrees: number): number => gatherGapEvidence(before, after({ degrees }), false, SPAN)!.score;
    expect(scoreAt(90)).toBeCloseTo(0.3);
    expect(scoreAt((Math.acos(0.6) * 180) / Math.PI)).toBeCloseTo(0.3);
    expect(scoreAt((Math.acos(0.8) * 180) / Math.PI)).toBeCloseTo(0.65);
  });

  it('place is compared within a scene only, with a reach that grows with the gap', () => {
    expect(gatherGapEvidence(before, after({ x: 100 + 95 }), false, SPAN)).toBeNull();
    expect(gatherGapEvidence(before, after({ from: 31, x: 100 + 95 }), false, SPAN)).toMatchObject({ distance: 95, reach: 30 + 128 });
    expect(gatherGapEvidence(before, after({ x: 600 }), true, SPAN)).toMatchObject({ distance: null, reach: null, score: 1 });
  });

  it('size may change by a factor that grows with the gap; the usual sizes count where the masks at the gap are cut off', () => {
    expect(gatherGapEvidence(before, after({ area: 1600 }), false, SPAN)).not.toBeNull();
    expect(gatherGapEvidence(before, after({ area: 2000 }), false, SPAN)).toBeNull();
    expect(gatherGapEvidence(before, after({ from: 100, area: 2000 }), false, SPAN)).not.toBeNull();
    expect(gatherGapEvidence(before, after({ area: 3700 }), true, SPAN)).toBeNull();
    const atEdge = after({});
    expect(gatherGapEvidence(before, { ...atEdge, place: { ...atEdge.place, area: 50 } }, false, SPAN)).toMatchObject({ areaRatio: 1 });
  });

  it('without a look there is nothing to compare', () => {
    expect(gatherGapEvidence({ ...before, appearance: new Float32Array(0) }, after({}), false, SPAN)).toBeNull();
  });
});

describe('reidentifyLives', () => {
  it('finds what came back, and leaves alone what looks otherwise', () => {
    const pairs = reidentify([{ from: 0, to: 10 }, { from: 30, to: 50 }, { from: 30, to: 50, degrees: 60 }]);
    expect(decisions(pairs)).toEqual(['0-1 joined']);
    expect(pairs[0]!.reason).toBe('alike and within reach');
  });

  it('compares no two that share a frame, and none further apart than the limit', () => {
    expect(reidentify([{ from: 0, to: 10 }, { from: 10, to: 20 }])).toEqual([]);
    expect(decisions(reidentify([{ from: 0, to: 10 }, { from: 111, to: 120 }]))).toEqual(['0-1 joined']);
    expect(reidentify([{ from: 0, to: 10 }, { from: 112, to: 120 }])).toEqual([]);
  });

  it('a scene that starts with the later life lies between; one that starts with the earlier does not', () => {
    const isAcross = (cut: number): boolean => reidentify([{ from: 0, to: 10 }, { from: 20, to: 30 }], { sceneCuts: [cut] })[0]!.evidence.acrossCut;
    expect([0, 10, 11, 20, 21].map(isAcross)).toEqual([false, false, true, true, false]);
  });

  it('follows a thing that comes back twice as one chain, however alike its three lives are', () => {
    expect(decisions(reidentify([{ from: 0, to: 10 }, { from: 20, to: 30 }, { from: 40, to: 50 }]))).toEqual(['0-1 joined', '0-2 rejected', '1-2 joined']);
  });

  it('two look-alikes at one time make it ambiguous, whichever side they are on', () => {
    const after = reidentify([{ from: 0, to: 10 }, { from: 20, to: 30, degrees: 5 }, { from: 20, to: 30, degrees: 8 }]);
    expect(decisions(after)).toEqual(['0-1 ambiguous', '0-2 rejected']);
    expect(after[0]!.reason).toBe('life 2 fits almost as well');
    expect(decisions(reidentify([{ from: 0, to: 10, degrees: 5 }, { from: 0, to: 10, degrees: 8 }, { from: 20, to: 30 }]))).toEqual(['0-2 ambiguous', '1-2 rejected']);
  });

  it('but not where the rival has a clearly better partner of its own', () => {
    // 0 looks 12 degrees away from 2, 1 exactly like 3; 0 and 3 are 22 degrees apart.
    const pairs = reidentify([{ from: 0, to: 10, degrees: 0 }, { from: 0, to: 10, degrees: 22 }, { from: 20, to: 30, degrees: -12 }, { from: 20, to: 30, degrees: 22 }]);
    expect(decisions(pairs)).toEqual(['0-2 joined', '0-3 rejected', '1-2 rejected', '1-3 joined']);
  });

  it('nor where the rival is a part of the same thing', () => {
    const hull = { degrees: 8, x: 105, area: 700 };
    expect(decisions(reidentify([{ from: 0, to: 10 }, { from: 20, to: 30, degrees: 5 }, { from: 20, to: 30, ...hull }]))).toEqual(['0-1 joined', '0-2 rejected']);
    expect(decisions(reidentify([{ from: 0, to: 10, degrees: 5 }, { from: 0, to: 10, ...hull }, { from: 20, to: 30 }]))).toEqual(['0-2 joined', '1-2 rejected']);
    // Beside it, as large as it, or from another frame on, it is something else.
    const others = [{ x: 120 }, { area: 850 }].map((change) => ({ from: 20, to: 30, ...hull, ...change }));
    for (const other of [...others, { from: 21, to: 30, ...hull }]) expect(decisions(reidentify([{ from: 0, to: 10 }, { from: 20, to: 30, degrees: 5 }, other]))[0]).toBe('0-1 ambiguous');
  });

  it('what an ambiguous pair had explained is looked at again', () => {
    // 0 goes on as 1 and 1 as 2 or 3, which look alike: with 1-2 undecided, 2 is a rival of 1 for 0 no less than 3 is.
    const pairs = reidentify([{ from: 0, to: 10 }, { from: 20, to: 30 }, { from: 40, to: 50 }, { from: 40, to: 50 }]);
    expect(decisions(pairs).filter((one) => one.endsWith('joined'))).toEqual([]);
    expect(decisions(pairs).filter((one) => one.endsWith('ambiguous'))).toEqual(['0-1 ambiguous', '1-2 ambiguous']);
  });

  it('one clear pair is not given up for two middling ones', () => {
    const [clear, middling] = [0, 24];
    const pairs = reidentify([{ from: 0, to: 10, degrees: clear }, { from: 0, to: 10, degrees: -middling }, { from: 20, to: 30, degrees: clear }, { from: 20, to: 30, degrees: middling }], {}, { ...OPTIONS, reidentifyThresh: 0.8 });
    expect(decisions(pairs)).toContain('0-2 joined');
  });

  it('says why a near miss was none, and leaves out what is further off', () => {
    const pairs = reidentify([{ from: 0, to: 10 }, { from: 20, to: 30, degrees: 32 }]);
    expect(pairs.map(({ decision, reason }) => [decision, reason])).toEqual([['rejected', 'not alike enough']]);
    expect(reidentify([{ from: 0, to: 10 }, { from: 20, to: 30, degrees: 40 }])).toEqual([]);
  });

  it('takes lives in any order', () => {
    const sketches = [{ from: 0, to: 10 }, { from: 20, to: 30 }, { from: 40, to: 50 }, { from: 5, to: 18, degrees: 40 }, { from: 60, to: 70, degrees: 40 }];
    const named = (pairs: readonly GapPair[], order: readonly number[]): string[] => pairs.map(({ before, after, decision }) => `${order[before]}-${order[after]} ${decision}`).sort();
    const orders = [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 4, 1, 3]];
    const results = orders.map((order) => named(reidentify(order.map((i) => sketches[i]!)), order));
    expect(results).toEqual([results[0], results[0], results[0]]);
    expect(results[0]).toContain('3-4 joined');
  });

  it('in a crowd in which all look alike, still finds for each the one that fits best', () => {
    const crowd = 210;
    const degrees = (i: number): number => (i * 30) / crowd;
    const sketches = Array.from({ length: 2 * crowd }, (_, i): Sketch => ({ from: i < crowd ? 0 : 20, to: i < crowd ? 10 : 30, degrees: degrees(i % crowd) }));
    const joined = reidentify(sketches, {}, { ...OPTIONS, stitchMargin: 0 }).filter(({ decision }) => decision === 'joined');
    expect(joined.map(({ before, after }) => after - before)).toEqual(Array.from({ length: crowd }, () => crowd));
  });

  it('joins nothing that is forbidden', () => {
    expect(reidentify([{ from: 0, to: 10 }, { from: 20, to: 30 }], { isForbidden: (a, b) => a === 0 && b === 1 })).toEqual([]);
  });
});
