import { chainsOf, chainWith, isContinuation, startOrder, writeChains } from '../../../../core/planning/chains';
import { planChunks } from '../../../../core/planning/plan-chunks';

describe('chains', () => {
  const chunks = planChunks({ frameCount: 100, chunkFrames: 10, overlapFrames: 2, sceneCuts: [41], chainChunks: 3, detectEvery: 4 });
  const text = writeChains(chunks);

  it('are runs of chunks of which each goes on where the one before it stops', () => {
    expect(text).toBe('|++|+|++|++|+');
    const chains = chainsOf(chunks);
    expect(chains.map(({ firstChunk, endChunk }) => [firstChunk, endChunk])).toEqual([[0, 3], [3, 5], [5, 8], [8, 11], [11, 13]]);
    for (const chain of chains) expect(chain).toMatchObject({ startFrame: chunks[chain.firstChunk]!.startFrame, ownedStart: chunks[chain.firstChunk]!.ownedStart, endFrame: chunks[chain.endChunk - 1]!.endFrame, ownedEnd: chunks[chain.endChunk - 1]!.ownedEnd });
    expect(chainWith(chains, 6).index).toBe(2);
    expect(() => chainWith(chains, 13)).toThrow(RangeError);
    expect(chainsOf([])).toEqual([]);
  });

  it('begin side by side, and no chunk before the one that it continues', () => {
    const order = startOrder(text, chunks.length);
    expect(order).toEqual([0, 3, 5, 8, 11, 1, 4, 6, 9, 12, 2, 7, 10]);
    for (const [at, chunk] of order.entries()) if (isContinuation(text, chunk)) expect(order.indexOf(chunk - 1)).toBeLessThan(at);
    expect(startOrder('', 0)).toEqual([]);
    expect(startOrder('||||', 4)).toEqual([0, 1, 2, 3]);
  });

  it('of very many chunks are written four to a character and read the same', () => {
    for (const count of [16_384, 16_385, 90_001]) {
      const many = Array.from({ length: count }, (_, i) => ({ continuesPrevious: i % 16 !== 0 && i % 7 !== 3 }));
      const written = writeChains(many);
      expect(written.length).toBe(count === 16_384 ? count : Math.ceil(count / 4));
      expect(many.every(({ continuesPrevious }, i) => isContinuation(written, i) === continuesPrevious)).toBe(true);
      expect(startOrder(written, count)).toHaveLength(count);
      expect(isContinuation(written, count)).toBe(false);
    }
  });
});
