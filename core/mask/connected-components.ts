import type { Bitmask } from './types';

export type Connectivity = 4 | 8;

/** Components of one pixel value as horizontal runs; run r covers [starts[r], ends[r]) of the row-major pixel order. */
export interface ComponentRuns {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Component of each run, 0..count-1, numbered by first pixel in row-major order. */
  readonly component: Int32Array;
  readonly count: number;
  /** Pixels per component. */
  readonly areas: Int32Array;
}

/**
 * Connected components of the pixels equal to `value`, found on row runs with union-find (He, Chao, Suzuki 2008,
 * "A run-based two-scan labeling algorithm").
 */
export function findComponents(mask: Bitmask, connectivity: Connectivity = 8, value: 0 | 1 = 1): ComponentRuns {
  const { starts, ends, count: runs } = findRowRuns(mask, value);
  const { width } = mask;
  const rows = starts.map((start) => Math.floor(start / width));
  const parent = Int32Array.from({ length: runs }, (_, i) => i);
  const reach = connectivity === 8 ? 1 : 0;
  let above = 0; // first run of the row above that can still touch the current run
  for (let r = 0; r < runs; r++) {
    const rowAbove = rows[r]! - 1;
    const from = starts[r]! - width - reach;
    const to = ends[r]! - width + reach;
    while (above < r && (ends[above]! <= from || rows[above]! < rowAbove)) above++;
    for (let a = above; a < r && starts[a]! < to && rows[a] === rowAbove; a++) union(parent, a, r);
  }
  const component = new Int32Array(runs);
  const areas: number[] = [];
  for (let r = 0; r < runs; r++) {
    const root = find(parent, r);
    if (root === r) {
      component[r] = areas.length;
      areas.push(0);
    } else component[r] = component[root]!;
    areas[component[r]!]! += ends[r]! - starts[r]!;
  }
  return { starts, ends, component, count: areas.length, areas: Int32Array.from(areas) };
}

/** Horizontal runs of `value`, cut at row ends. */
function findRowRuns(mask: Bitmask, value: 0 | 1): { starts: Int32Array; ends: Int32Array; count: number } {
  const { width, data } = mask;
  const starts: number[] = [];
  const ends: number[] = [];
  const other = value ^ 1;
  let p = data.indexOf(value);
  while (p >= 0) {
    const next = data.indexOf(other, p);
    const end = next < 0 ? data.length : next;
    while (p < end) {
      const rowEnd = (Math.floor(p / width) + 1) * width;
      starts.push(p);
      p = Math.min(end, rowEnd);
      ends.push(p);
    }
    p = next < 0 ? -1 : data.indexOf(value, end);
  }
  return { starts: Int32Array.from(starts), ends: Int32Array.from(ends), count: starts.length };
}

function find(parent: Int32Array, i: number): number {
  while (parent[i] !== i) {
    parent[i] = parent[parent[i]!]!;
    i = parent[i]!;
  }
  return i;
}

/** The lower index becomes the root, so a component's root is its first run. */
function union(parent: Int32Array, a: number, b: number): void {
  const ra = find(parent, a);
  const rb = find(parent, b);
  if (ra < rb) parent[rb] = ra;
  else parent[ra] = rb;
}

/** Label image: 0 for background, 1..count for components in row-major order of first pixel; areas[label], areas[0] = background. */
export function labelComponents(
  mask: Bitmask,
  connectivity: Connectivity = 8,
): { readonly labels: Int32Array; readonly count: number; readonly areas: Int32Array } {
  const found = findComponents(mask, connectivity, 1);
  const labels = new Int32Array(mask.data.length);
  const areas = new Int32Array(found.count + 1);
  areas[0] = mask.data.length;
  for (let r = 0; r < found.starts.length; r++) labels.fill(found.component[r]! + 1, found.starts[r]!, found.ends[r]!);
  for (let c = 0; c < found.count; c++) {
    areas[c + 1] = found.areas[c]!;
    areas[0]! -= found.areas[c]!;
  }
  return { labels, count: found.count, areas };
}

/**
 * Fills small holes or removes small islands with the meaning of SAM 1's `remove_small_regions`
 * (segment_anything/utils/amg.py, 8-connected). 'holes': components of the inverse, the open background included, of
 * fewer than `areaThresh` pixels are filled. 'islands': components of fewer pixels are removed; when all are small the
 * largest (the first of equals) stays. `mask` is the input itself when nothing changed.
 */
export function removeSmallRegions(
  mask: Bitmask,
  areaThresh: number,
  mode: 'holes' | 'islands',
): { readonly mask: Bitmask; readonly changed: boolean } {
  const found = findComponents(mask, 8, mode === 'holes' ? 0 : 1);
  const small = Array.from(found.areas, (area) => area < areaThresh);
  if (!small.includes(true)) return { mask, changed: false };
  if (mode === 'islands' && !small.includes(false)) small[largestComponent(found)] = false;
  const data = mask.data.slice();
  for (let r = 0; r < found.starts.length; r++) {
    if (small[found.component[r]!]) data.fill(mode === 'holes' ? 1 : 0, found.starts[r]!, found.ends[r]!);
  }
  return { mask: { width: mask.width, height: mask.height, data }, changed: true };
}

/** Number of the largest component, the first of equals. */
export function largestComponent(found: ComponentRuns): number {
  let best = 0;
  for (let c = 1; c < found.count; c++) if (found.areas[c]! > found.areas[best]!) best = c;
  return best;
}

/** The largest component (the first of equals) alone; the mask itself when it has at most one. */
export function keepLargestComponent(mask: Bitmask, connectivity: Connectivity = 8): Bitmask {
  const found = findComponents(mask, connectivity, 1);
  if (found.count <= 1) return mask;
  return componentMask(found, largestComponent(found), mask);
}

/** One component alone, as a mask of this size. */
export function componentMask({ starts, ends, component }: ComponentRuns, index: number, { width, height }: Pick<Bitmask, 'width' | 'height'>): Bitmask {
  const data = new Uint8Array(width * height);
  for (let r = 0; r < starts.length; r++) if (component[r] === index) data.fill(1, starts[r]!, ends[r]!);
  return { width, height, data };
}
