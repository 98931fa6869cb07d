import type { ImageEmbedding } from '../../contracts/segmenter';
import type { Rle } from '../mask/types';
import { createFrameFeatures, poolAppearance, type FrameFeatures } from './appearance';
import { maskGridOf, rleToSteps, type MaskGrid } from './mask-grid';

/** What masks at full resolution look like on one frame; each is looked at once. */
export class FrameViews {
  /** Where the frame's masks lie on the decoder's grid. */
  readonly grid: MaskGrid;
  private readonly features: FrameFeatures;
  private readonly known = new Map<Rle, Float32Array>();

  constructor(embedding: ImageEmbedding) {
    this.features = createFrameFeatures(embedding);
    this.grid = maskGridOf(embedding);
  }

  /** Unit-length appearance, see poolAppearance; not to be changed. */
  of(rle: Rle): Float32Array {
    let view = this.known.get(rle);
    if (view === undefined) {
      view = poolAppearance(rleToSteps(rle, this.grid), this.grid, this.features);
      this.known.set(rle, view);
    }
    return view;
  }
}
