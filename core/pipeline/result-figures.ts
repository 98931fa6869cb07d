import type { MaskLine } from '../../contracts/pipeline-artefacts';
import { fromCocoRle } from '../mask/rle-string';
import { FlickerScorer, type FlickerSummary, type ObjectFlicker } from '../metrics/flicker';

interface Sums {
  id: number;
  firstFrame: number;
  lastFrame: number;
  frames: number;
  area: number;
  score: number;
}

/** What result.json says of an object. Areas in pixels, scores 0..1, frames are decode indices in the source. */
export interface ObjectFigures {
  readonly id: number;
  readonly firstFrame: number;
  readonly lastFrame: number;
  readonly frames: number;
  readonly meanArea: number;
  readonly meanScore: number;
  readonly label?: string;
  readonly flicker: Pick<ObjectFlicker, 'shapeChange' | 'areaJitter' | 'visibilityTogglesPer100'> | null;
}

/** The numbers of result.json that come from masks alone. Call `add` for every line in order. Memory grows with the objects, not with the frames. */
export class ResultFigures {
  private readonly sums = new Map<number, Sums>();
  private readonly flicker = new FlickerScorer();
  private masks = 0;

  add({ frame, objects }: MaskLine): void {
    this.flicker.addFrame(new Map(objects.map((object) => [object.id, fromCocoRle(object.segmentation)] as const)));
    for (const { id, area, score } of objects) {
      const known = this.sums.get(id) ?? { id, firstFrame: frame, lastFrame: frame, frames: 0, area: 0, score: 0 };
      this.sums.set(id, { ...known, lastFrame: frame, frames: known.frames + 1, area: known.area + area, score: known.score + score });
      this.masks++;
    }
  }

  /** @param labels the user's names, by ID */
  result(labels: ReadonlyMap<number, string>): { readonly objects: ObjectFigures[]; readonly masks: number; readonly flicker: Omit<FlickerSummary, 'objects'> } {
    const { objects: flickers, ...flicker } = this.flicker.result();
    const flickerOf = new Map(flickers.map(({ id, shapeChange, areaJitter, visibilityTogglesPer100 }) => [id, { shapeChange, areaJitter, visibilityTogglesPer100 }]));
    const objects = [...this.sums.values()]
      .sort((a, b) => a.id - b.id)
      .map(({ area, score, ...figures }) => ({
        ...figures,
        meanArea: round(area / figures.frames, 1),
        meanScore: round(score / figures.frames, 4),
        ...(labels.has(figures.id) && { label: labels.get(figures.id)! }),
        flicker: flickerOf.get(figures.id) ?? null,
      }));
    return { objects, masks: this.masks, flicker };
  }
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
