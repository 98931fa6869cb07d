import { flattenRles } from '../../core/mask/flatten';
import { isEmptyRle, rleArea } from '../../core/mask/rle';
import type { Rle } from '../../core/mask/types';
import type { ExportFrame, ExportSource } from './types';

/** A frame in which no two masks share a pixel. */
export interface FlatFrame extends ExportFrame {
  /** By ascending ID; masks that are covered wholly are missing. */
  readonly visible: ReadonlyMap<number, Rle>;
}

/** Counts what a flat view leaves out. */
export class HiddenTally {
  #pixels = 0;
  #hiddenPixels = 0;
  #masks = 0;
  #hiddenMasks = 0;
  readonly #seen = new Set<number>();

  add(frame: ExportFrame, visible: ReadonlyMap<number, Rle>): void {
    for (const { id, area } of frame.masks) {
      const rle = visible.get(id);
      const rest = rle === undefined ? 0 : rleArea(rle);
      this.#masks++;
      this.#pixels += area;
      this.#hiddenPixels += area - rest;
      if (rest === 0) this.#hiddenMasks++;
      else this.#seen.add(id);
    }
  }

  /** What to say about it, or nothing when no masks overlapped. */
  describe({ objects }: ExportSource): string[] {
    if (this.#hiddenPixels === 0) return [];
    const percent = ((100 * this.#hiddenPixels) / this.#pixels).toFixed(1);
    const lost = objects.filter(({ id }) => !this.#seen.has(id)).map(({ id }) => id);
    const masks = this.#hiddenMasks === 0 ? '' : `; ${this.#hiddenMasks} of ${this.#masks} masks are covered wholly`;
    const ids = lost.length === 0 ? '' : `, those of ${lost.length === 1 ? 'object' : 'objects'} ${lost.slice(0, 10).join(', ')}${lost.length > 10 ? ', …' : ''} in every frame`;
    return [`A pixel belongs to one object, the smallest mask on top: ${percent} % of the mask pixels are covered${masks}${ids}.`];
  }
}

/** The frames of a result with overlaps resolved, smaller masks on larger ones; what gets lost is counted in `tally`. */
export async function* readFlat(source: ExportSource, tally: HiddenTally): AsyncGenerator<FlatFrame, void, undefined> {
  for await (const frame of source.read()) {
    const flat = flattenRles(new Map(frame.masks.map(({ id, rle }) => [id, rle])));
    tally.add(frame, flat);
    yield { ...frame, visible: new Map([...flat].filter(([, rle]) => !isEmptyRle(rle))) };
  }
}
