import { keepLargestComponent } from '../../mask/connected-components';
import { dilate } from '../../mask/morphology';
import type { ByteReader, ByteWriter } from '../byte-codec';
import { exchangeEntries } from '../exchange-entries';

// Logarithms. A mask on another thing is recognised when it looks much less like the object than a few frames ago, and
// little more like it than like all else (light and pose change slowly); a part is the object's again when it looks nearly as the
// object used to.
const LOST_DROP = 2.5;
const LOST_FRAMES = 6;
const LOST_MARGIN = 1;
const FOUND_DROP = 1.5;
const FOUND_MARGIN = 1;
/** A part counts from this share of the object's usual area on. */
const FOUND_SHARE = 0.2;
/** Cells of a lost object's mask that may be the object. */
const FOUND_MASK = 0.3;
/** Share of the newest frame in what is usual. */
const RATE = 0.1;
/** The same from this drop on: a mask that is about to be lost must not become what is usual. */
const DOUBT_RATE = 0.02;
const DOUBT_DROP = 1.25;
/** A mask of less than this share of the object's usual area is what little is left of it, or a seam of what is in front of it. */
const CRUMB_SHARE = 0.1;
/** Below this sum of a mask the object is absent. */
const EMPTY = 0.5;

/**
 * `whole`: the mask is the object, as far as can be told; `part`: only these cells are; `lost`: it is something else, or still is; `absent`: there is
 * nothing of it to be seen.
 */
export type Verdict = { readonly kind: 'whole' | 'lost' | 'absent' } | { readonly kind: 'part'; readonly cells: Uint8Array };

interface Usual {
  likeness: number;
  area: number;
  lost: boolean;
  /** Likeness on the last frames, at most LOST_FRAMES, oldest first. */
  newest: readonly number[];
}

const WHOLE: Verdict = { kind: 'whole' };
const LOST: Verdict = { kind: 'lost' };
const ABSENT: Verdict = { kind: 'absent' };

/**
 * Notices when a mask has gone over to another thing: to what hides the object, above all, which then would be remembered and
 * followed as the object. Each mask is compared by looks alone with the elder remembered frames, and with how well the object's masks
 * fitted a few frames ago. A lost object stays so until a part of the network's mask looks like it again.
 * (`training/identity_watch.py` is the same.)
 */
export class IdentityWatch {
  private readonly objects = new Map<number, Usual>();

  /**
   * @param mask [rows * columns], 0..1
   * @param likeness [2, rows * columns] logarithms of how well each cell matches the object on the elder frames, and all else there
   */
  judge(id: number, mask: Float32Array, likeness: Float32Array, columns: number): Verdict {
    const cells = mask.length;
    const usual = this.objects.get(id);
    if (mask.reduce((sum, value) => sum + value, 0) < EMPTY) return usual?.lost ? LOST : WHOLE;
    const { own, others, area } = meanUnder(mask, likeness);
    if (!usual) {
      if (area > 0) this.objects.set(id, { likeness: own, area, lost: false, newest: [own] });
      return WHOLE;
    }
    if (usual.lost) {
      const part = findPart(usual, mask, likeness, columns, cells);
      if (!part) return LOST;
      usual.lost = false;
      usual.newest = [usual.likeness];
      return { kind: 'part', cells: part };
    }
    if (area === 0) return WHOLE;
    if (area < CRUMB_SHARE * usual.area) {
      usual.area += (area - usual.area) * DOUBT_RATE;
      return own - others < LOST_MARGIN ? ABSENT : WHOLE;
    }
    if (usual.newest[0]! - own > LOST_DROP && own - others < LOST_MARGIN) {
      usual.lost = true;
      return LOST;
    }
    usual.newest = [...usual.newest, own].slice(-LOST_FRAMES);
    const rate = usual.likeness - own > DOUBT_DROP ? DOUBT_RATE : RATE;
    usual.likeness += (own - usual.likeness) * rate;
    usual.area += (area - usual.area) * rate;
    return WHOLE;
  }

  isLost(id: number): boolean {
    return this.objects.get(id)?.lost ?? false;
  }

  /** What is usual of one object becomes what is usual of another. */
  succeed(from: number, to: number): void {
    const usual = this.objects.get(from);
    this.forget([from, to]);
    if (usual) this.objects.set(to, usual);
  }

  /** What is usual of two objects changes hands. */
  exchange(a: number, b: number): void {
    exchangeEntries(this.objects, a, b);
  }

  /** Nothing is usual of these any more. */
  forget(ids: readonly number[]): void {
    for (const id of ids) this.objects.delete(id);
  }

  write(out: ByteWriter): void {
    out.uint(this.objects.size);
    for (const [id, { likeness, area, lost, newest }] of [...this.objects].sort(([a], [b]) => a - b)) {
      out.uint(id).float(likeness).float(area).flag(lost).uint(newest.length);
      for (const value of newest) out.float(value);
    }
  }

  static read(from: ByteReader): IdentityWatch {
    const watch = new IdentityWatch();
    for (let left = from.uint(); left > 0; left--) watch.objects.set(from.uint(), { likeness: from.float(), area: from.float(), lost: from.flag(), newest: Array.from({ length: from.uint() }, () => from.float()) });
    return watch;
  }
}

/** Mean likeness over the cells that the mask covers by half, weighted by it, and their number. */
function meanUnder(mask: Float32Array, likeness: Float32Array): { own: number; others: number; area: number } {
  let [own, others, weight, area] = [0, 0, 0, 0];
  for (let i = 0; i < mask.length; i++) {
    const share = mask[i]!;
    if (share <= 0.5) continue;
    own += share * likeness[i]!;
    others += share * likeness[mask.length + i]!;
    weight += share;
    area++;
  }
  return { own: own / Math.max(weight, 1e-6), others: others / Math.max(weight, 1e-6), area };
}

/** The largest connected part of the mask that looks like the object, grown by one cell; undefined when none is large enough. */
function findPart(usual: Usual, mask: Float32Array, likeness: Float32Array, columns: number, cells: number): Uint8Array | undefined {
  const own = boxMean(likeness.subarray(0, cells), columns);
  const others = boxMean(likeness.subarray(cells), columns);
  const alike = Uint8Array.from(mask, (share, i) => (share > FOUND_MASK && usual.likeness - own[i]! < FOUND_DROP && own[i]! - others[i]! > FOUND_MARGIN ? 1 : 0));
  const part = keepLargestComponent({ width: columns, height: cells / columns, data: alike });
  const area = part.data.reduce((sum, cell) => sum + cell, 0);
  return area === 0 || area < FOUND_SHARE * usual.area ? undefined : dilate(part, 1, 'square').data;
}

/** Mean over 3 x 3 cells, of those inside the picture. */
function boxMean(values: Float32Array, columns: number): Float64Array {
  const rows = values.length / columns;
  return Float64Array.from(values, (_, cell) => {
    const [x, y] = [cell % columns, Math.floor(cell / columns)];
    let [sum, count] = [0, 0];
    for (let v = Math.max(0, y - 1); v <= Math.min(rows - 1, y + 1); v++) {
      for (let u = Math.max(0, x - 1); u <= Math.min(columns - 1, x + 1); u++) {
        sum += values[v * columns + u]!;
        count++;
      }
    }
    return sum / count;
  });
}
