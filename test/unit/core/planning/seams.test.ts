import { planChunks } from '../../../../core/planning/plan-chunks';
import { seamsOf } from '../../../../core/planning/seams';

describe('seamsOf', () => {
  const plan = (sceneCuts: number[]) => ({ chunks: planChunks({ frameCount: 50, chunkFrames: 20, overlapFrames: 6, sceneCuts, chainChunks: 1, detectEvery: 8 }), firstFrame: 100, frameStep: 2 });

  it('gives the border and the first shared frame of every pair of neighbours, numbered as in the source', () => {
    expect(seamsOf(plan([]))).toEqual([{ frame: 140, sharedFrom: 128 }, { frame: 168, sharedFrom: 156 }]);
  });

  it('shares nothing across a scene cut, and has no seam in one chunk', () => {
    expect(seamsOf(plan([18]))[0]).toEqual({ frame: 136, sharedFrom: 136 });
    expect(seamsOf({ ...plan([]), chunks: plan([]).chunks.slice(0, 1) })).toEqual([]);
  });
});
