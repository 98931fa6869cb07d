import type { Size } from './label-maps';

const { exp, floor, max, min } = Math;

/** Probabilities are kept this far from 0 and 1 (aot_engine.py, `soft_logit_aggregation`). */
const CLAMP = 1e-5;

/** What one group says of a frame. */
export interface GroupLogits {
  /** Object IDs by identity; 0 for one that is nobody's and gets no pixel. */
  readonly ids: readonly number[];
  /** [1 + identities, height, width] on the grid; channel 0 is background. */
  readonly logits: Float32Array;
}

export interface SoftLabels {
  /** For each group the numbers of its identities, [height, width] of the picture. */
  readonly labels: readonly Uint8Array[];
  /** Mean probability of each visible object over its pixels, by ID. */
  readonly scores: ReadonlyMap<number, number>;
}

/** A group as it is gone through: channels in use, and their values at one pixel. */
interface Channels {
  readonly channels: readonly number[];
  readonly ids: readonly number[];
  readonly logits: Float32Array;
  /** Values along a row of pixels' height, by channel. */
  readonly lines: readonly Float64Array[];
  readonly values: Float64Array;
  /** For each place in `channels` the partners in other groups: places there, by group. */
  readonly partners: readonly (ReadonlyMap<number, ReadonlySet<number>> | undefined)[];
  top: number;
}

/**
 * Masks of all groups at the size of the picture. Logits are interpolated; within a group each pixel belongs to one identity or to none. Groups are brought
 * together by soft aggregation: background is where all say so, and of several objects the most probable one gets the pixel. Objects that share
 * a place (`partnersOf`, by ID) do not compete: each counts as background for the other.
 */
export function labelPixels(groups: readonly GroupLogits[], grid: Size, picture: Size, alignCorners: boolean, partnersOf: (id: number) => ReadonlySet<number>): SoftLabels {
  const parts = groups.map((group, g) => prepare(group, g, groups, grid, partnersOf));
  const labels = groups.map(() => new Uint8Array(picture.width * picture.height));
  const sums = new Map<number, { sum: number; count: number }>();
  const columns = tapsOf(grid.width, picture.width, alignCorners);
  const rows = tapsOf(grid.height, picture.height, alignCorners);
  const isNear = nearCells(parts, grid);
  for (let y = 0; y < picture.height; y++) {
    const { first: top, next: bottom, share: down } = at(rows, y);
    if (!interpolateRows(parts, isNear, grid, top, bottom, down)) continue;
    for (let x = 0; x < picture.width; x++) {
      const left = columns.first[x]!;
      const right = columns.next[x]!;
      const isFar = !(isNear[top * grid.width + left] || isNear[top * grid.width + right] || isNear[bottom * grid.width + left] || isNear[bottom * grid.width + right]);
      if (isFar) continue;
      for (const part of parts) toProbabilities(part, left, right, columns.share[x]!);
      parts.forEach((part, g) => {
        if (!wins(parts, g)) return;
        labels[g]![y * picture.width + x] = part.channels[part.top]!;
        const id = part.ids[part.top]!;
        const known = sums.get(id) ?? { sum: 0, count: 0 };
        sums.set(id, { sum: known.sum + part.values[part.top]!, count: known.count + 1 });
      });
    }
  }
  return { labels, scores: new Map([...sums].map(([id, { sum, count }]) => [id, sum / count])) };
}

function prepare({ ids, logits }: GroupLogits, own: number, groups: readonly GroupLogits[], grid: Size, partnersOf: (id: number) => ReadonlySet<number>): Channels {
  const channels = [0, ...usedIdentities(ids)];
  const owners = channels.map((channel) => (channel === 0 ? 0 : ids[channel - 1]!));
  const partners = owners.map((id) => {
    const found = new Map<number, Set<number>>();
    if (id !== 0)
      groups.forEach((other, g) => {
        const places = usedIdentities(other.ids).flatMap((identity, i) => (partnersOf(id).has(other.ids[identity - 1]!) ? [i + 1] : []));
        if (g !== own && places.length > 0) found.set(g, new Set(places));
      });
    return found.size > 0 ? found : undefined;
  });
  return { channels, ids: owners, logits, lines: channels.map(() => new Float64Array(grid.width)), values: new Float64Array(channels.length), partners, top: 0 };
}

function usedIdentities(ids: readonly number[]): number[] {
  return ids.flatMap((id, i) => (id === 0 ? [] : [i + 1]));
}

/** Cells around which an object can win a pixel: elsewhere background is above all, and stays so between cells. */
function nearCells(parts: readonly Channels[], { width, height }: Size): Uint8Array {
  const area = width * height;
  const near = new Uint8Array(area);
  const limit = leastDifference(parts.length, max(1, ...parts.map(({ channels }) => channels.length - 1)));
  for (const { channels, logits } of parts)
    for (const channel of channels.slice(1)) for (let i = 0; i < area; i++) if (logits[channel * area + i]! - logits[i]! > limit) near[i] = 1;
  return near;
}

/** An object whose logit is no more than this above the background's loses against `groups` backgrounds at once, each beside so many objects. */
function leastDifference(groups: number, objects: number): number {
  if (groups === 1) return 0;
  let difference = 0;
  while (exp(difference) >= (1 + objects * exp(difference)) ** -groups) difference -= 0.25;
  return difference;
}

interface Taps {
  readonly first: Int32Array;
  readonly next: Int32Array;
  readonly share: Float64Array;
}

function at({ first, next, share }: Taps, i: number): { first: number; next: number; share: number } {
  return { first: first[i]!, next: next[i]!, share: share[i]! };
}

/** For every pixel of an axis the cells around it, and how far it is from the first to the second. */
function tapsOf(cells: number, pixels: number, alignCorners: boolean): Taps {
  const taps = { first: new Int32Array(pixels), next: new Int32Array(pixels), share: new Float64Array(pixels) };
  const scale = alignCorners ? (pixels > 1 ? (cells - 1) / (pixels - 1) : 0) : cells / pixels;
  for (let i = 0; i < pixels; i++) {
    const place = alignCorners ? i * scale : max(0, (i + 0.5) * scale - 0.5);
    const first = min(cells - 1, floor(place));
    taps.first[i] = first;
    taps.next[i] = min(cells - 1, first + 1);
    taps.share[i] = place - first;
  }
  return taps;
}

/** Values at the height of a row of pixels. Gives whether anything is near there. */
function interpolateRows(parts: readonly Channels[], isNear: Uint8Array, { width, height }: Size, top: number, bottom: number, down: number): boolean {
  let any = false;
  for (let x = 0; x < width && !any; x++) any = isNear[top * width + x] === 1 || isNear[bottom * width + x] === 1;
  if (!any) return false;
  for (const { channels, logits, lines } of parts)
    channels.forEach((channel, c) => {
      const line = lines[c]!;
      const [upper, lower] = [(channel * height + top) * width, (channel * height + bottom) * width];
      for (let x = 0; x < width; x++) line[x] = logits[upper + x]! * (1 - down) + logits[lower + x]! * down;
    });
  return true;
}

function toProbabilities(part: Channels, left: number, right: number, across: number): void {
  const { lines, values } = part;
  part.top = values.length > 1 ? 1 : 0;
  for (let c = 0; c < values.length; c++) {
    values[c] = lines[c]![left]! * (1 - across) + lines[c]![right]! * across;
    if (c > 1 && values[c]! > values[part.top]!) part.top = c;
  }
  const most = max(values[0]!, values[part.top]!);
  let sum = 0;
  for (let c = 0; c < values.length; c++) sum += values[c] = exp(values[c]! - most);
  for (let c = 0; c < values.length; c++) values[c]! /= sum;
}

/** Whether the most probable object of a group gets the pixel; of equals the first does, background before all. */
function wins(parts: readonly Channels[], own: number): boolean {
  const part = parts[own]!;
  if (part.top === 0) return false;
  const raw = part.values[part.top]!;
  if (parts.length === 1) return raw > part.values[0]!;
  const value = clamp(raw);
  const partners = part.partners[part.top];
  let background = part.values[0]!;
  for (let g = 0; g < parts.length; g++) {
    if (g === own) continue;
    const other = parts[g]!;
    const friends = partners?.get(g);
    let rival = other.top === 0 ? 0 : other.values[other.top]!;
    if (!friends) background *= other.values[0]!;
    else {
      rival = 0;
      let rivals = 0;
      for (let c = 1; c < other.values.length; c++) {
        if (friends.has(c)) continue;
        rivals += other.values[c]!;
        rival = max(rival, other.values[c]!);
      }
      background *= 1 - rivals;
    }
    if (g < own ? clamp(rival) >= value : clamp(rival) > value) return false;
  }
  return value > clamp(background);
}

function clamp(probability: number): number {
  return max(CLAMP, min(1 - CLAMP, probability));
}
