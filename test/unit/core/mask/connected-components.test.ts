import fc from 'fast-check';
import { bitmaskArea, createBitmask } from '../../../../core/mask/bitmask-ops';
import { keepLargestComponent, labelComponents, removeSmallRegions } from '../../../../core/mask/connected-components';
import type { Bitmask } from '../../../../core/mask/types';
import { bitmasks, draw, show } from '../support/masks';

function floodLabels(mask: Bitmask, connectivity: 4 | 8): number[] {
  const { width, height, data } = mask;
  const labels = new Array<number>(data.length).fill(0);
  let next = 0;
  for (let start = 0; start < data.length; start++) {
    if (!data[start] || labels[start]) continue;
    const stack = [start];
    labels[start] = ++next;
    while (stack.length > 0) {
      const p = stack.pop()!;
      for (let dy = -1; dy <= 1; dy++)
        for (let dx = -1; dx <= 1; dx++) {
          if (connectivity === 4 && dx !== 0 && dy !== 0) continue;
          const [x, y] = [(p % width) + dx, Math.floor(p / width) + dy];
          const q = y * width + x;
          if (x < 0 || y < 0 || x >= width || y >= height || !data[q] || labels[q]) continue;
          labels[q] = next;
          stack.push(q);
        }
    }
  }
  return labels;
}

describe('labelComponents', () => {
  it('agrees with a flood fill for both connectivities', () => {
    fc.assert(
      fc.property(bitmasks, fc.constantFrom(4 as const, 8 as const), (mask, connectivity) => {
        const { labels, count, areas } = labelComponents(mask, connectivity);
        const expected = floodLabels(mask, connectivity);
        expect(Array.from(labels)).toEqual(expected);
        expect(count).toBe(Math.max(0, ...expected));
        areas.forEach((area, label) => expect(area).toBe(expected.filter((l) => l === label).length));
      }),
      { numRuns: 400 },
    );
  });

  it('pixels that touch by a corner are joined only with 8 neighbours', () => {
    const mask = draw('#.', '.#');
    expect([labelComponents(mask, 8).count, labelComponents(mask, 4).count]).toEqual([1, 2]);
    expect(labelComponents(createBitmask(0, 0)).count).toBe(0);
  });
});

describe('removeSmallRegions', () => {
  it.each([
    ['fills a small hole', 'holes', 2, ['####', '#.##', '####'], ['####', '####', '####'], true],
    ['keeps a hole of exactly the threshold', 'holes', 1, ['####', '#.##', '####'], ['####', '#.##', '####'], false],
    ['a hole that touches the outside by a corner is not a hole', 'holes', 3, ['##..', '#.#.', '###.'], ['##..', '#.#.', '###.'], false],
    ['fills small open background too, as SAM does', 'holes', 3, ['##.', '##.'], ['###', '###'], true],
    ['removes a small island', 'islands', 2, ['#..', '..#', '..#'], ['...', '..#', '..#'], true],
    ['keeps the first of the largest when all islands are small', 'islands', 9, ['#.#', '#.#', '...'], ['#..', '#..', '...'], true],
    ['says changed even when the only, small island stays', 'islands', 9, ['#..'], ['#..'], true],
    ['leaves an empty mask alone', 'islands', 9, ['...'], ['...'], false],
  ] as const)('%s', (_, mode, threshold, before, after, changed) => {
    const result = removeSmallRegions(draw(...before), threshold, mode);
    expect([show(result.mask), result.changed]).toEqual([after, changed]);
  });
});

describe('keepLargestComponent', () => {
  it('keeps one component of the largest area', () => {
    fc.assert(
      fc.property(bitmasks, (mask) => {
        const { areas } = labelComponents(mask);
        const largest = keepLargestComponent(mask);
        expect(bitmaskArea(largest)).toBe(Math.max(0, ...areas.subarray(1)));
        expect(labelComponents(largest).count).toBeLessThanOrEqual(1);
      }),
    );
  });
});
