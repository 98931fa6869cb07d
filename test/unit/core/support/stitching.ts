import fc from 'fast-check';
import { matchOverlap } from '../../../../core/stitch/match-overlap';
import { resolveIdentities, type IdentityConstraints } from '../../../../core/stitch/resolve-identities';
import type { IdentityMap } from '../../../../core/stitch/identity-map';
import type { OverlapMatch } from '../../../../core/stitch/types';
import { OPTIONS, sideOf, trackletsOf, type SeenChunk } from './world';

/** Decisions on all borders. */
export function matchAll(chunks: readonly SeenChunk[]): OverlapMatch[] {
  return chunks.slice(1).map((right, i) => {
    const left = chunks[i]!;
    const [from, to] = [right.spec.startFrame, left.spec.endFrame];
    return matchOverlap(sideOf(left, from, to), sideOf(right, from, to), OPTIONS);
  });
}

export function resolve(chunks: readonly SeenChunk[], constraints?: IdentityConstraints): IdentityMap {
  return resolveIdentities(chunks.map(trackletsOf), matchAll(chunks), constraints);
}

/** "chunk:localId=globalId" of all assignments. */
export const names = (map: IdentityMap): string[] =>
  map.chunks.flatMap((c) => c.assignments.map((a) => `${c.chunkIndex}:${a.localId}=${a.globalId}`));

/** Objects in lanes of their own, so that the truth is known; each lives over an interval. */
export const scenes = fc.record({
  lives: fc.array(fc.tuple(fc.nat(110), fc.integer({ min: 1, max: 120 })), { minLength: 1, maxLength: 6 }),
  shuffle: fc.array(fc.nat(1000), { minLength: 40, maxLength: 40 }),
  chunkFrames: fc.integer({ min: 13, max: 50 }),
  cuts: fc.array(fc.integer({ min: 1, max: 119 }), { maxLength: 3 }),
});

export const shuffled = <T>(list: readonly T[], keys: readonly number[]): T[] =>
  list.map((item, i) => [keys[i % keys.length]!, i, item] as const).sort((p, q) => p[0] - q[0] || p[1] - q[1]).map((x) => x[2]);
