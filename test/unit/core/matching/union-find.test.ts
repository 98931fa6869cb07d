import fc from 'fast-check';
import { UnionFind } from '../../../../core/matching/union-find';

describe('UnionFind', () => {
  it('joins sets and names each by its smallest member', () => {
    const sets = new UnionFind(5);
    expect(sets.union(4, 2)).toBe(true);
    expect(sets.union(2, 3)).toBe(true);
    expect(sets.union(3, 4)).toBe(true);
    expect([sets.find(4), sets.connected(3, 4), sets.connected(0, 4)]).toEqual([2, true, false]);
    expect(sets.sets()).toEqual([[0], [1], [2, 3, 4]]);
  });

  it('refuses a union that would join forbidden members, also through others', () => {
    const sets = new UnionFind(4);
    sets.cannotLink(0, 3);
    expect(sets.union(0, 1)).toBe(true);
    expect(sets.union(2, 3)).toBe(true);
    expect(sets.canLink(1, 2)).toBe(false);
    expect(sets.union(1, 2)).toBe(false);
    expect(sets.sets()).toEqual([[0, 1], [2, 3]]);
  });

  it('refuses a constraint that comes too late, and items that do not exist', () => {
    const sets = new UnionFind(2);
    sets.union(0, 1);
    expect(() => sets.cannotLink(0, 1)).toThrow('already in one set');
    expect(() => sets.find(2)).toThrow('no item 2');
    expect(new UnionFind(0).sets()).toEqual([]);
  });

  it('agrees with a plain model under any sequence of operations', () => {
    const op = fc.tuple(fc.boolean(), fc.nat(7), fc.nat(7));
    fc.assert(
      fc.property(fc.array(op, { maxLength: 40 }), (ops) => {
        const sets = new UnionFind(8);
        let group = [0, 1, 2, 3, 4, 5, 6, 7];
        const rivals: [number, number][] = [];
        for (const [link, a, b] of ops) {
          const same = group[a] === group[b];
          if (link) {
            const merged = group.map((g) => (g === group[b] ? group[a]! : g));
            const allowed = rivals.every(([p, q]) => merged[p] !== merged[q]);
            expect(sets.union(a, b)).toBe(allowed);
            if (allowed) group = merged;
          } else if (!same) {
            rivals.push([a, b]);
            sets.cannotLink(a, b);
          }
        }
        for (let i = 0; i < 8; i++)
          for (let j = 0; j < 8; j++) expect(sets.connected(i, j)).toBe(group[i] === group[j]);
      }),
      { numRuns: 300 },
    );
  });
});
