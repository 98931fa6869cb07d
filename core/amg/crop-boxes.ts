import type { BoxXyxy } from '../geometry/boxes';

export interface CropBox {
  /** Corners in picture pixels, right and bottom exclusive. */
  readonly box: BoxXyxy;
  /** 0 is the whole picture; layer i has 2^i x 2^i crops. */
  readonly layer: number;
}

/**
 * The whole picture, then the crops of each layer, column by column (segment_anything/utils/amg.py, generate_crop_boxes).
 * Neighbouring crops of layer i share int(overlapRatio * shorter side * 2 / 2^i) pixels. Crops that begin outside a very
 * thin picture are left out.
 */
export function generateCropBoxes(width: number, height: number, layers: number, overlapRatio: number): CropBox[] {
  const crops: CropBox[] = [{ box: [0, 0, width, height], layer: 0 }];
  for (let layer = 1; layer <= layers; layer++) {
    const perSide = 2 ** layer;
    const overlap = Math.trunc(overlapRatio * Math.min(width, height) * (2 / perSide));
    const cropWidth = Math.ceil((overlap * (perSide - 1) + width) / perSide);
    const cropHeight = Math.ceil((overlap * (perSide - 1) + height) / perSide);
    for (let column = 0; column < perSide; column++) {
      for (let row = 0; row < perSide; row++) {
        const x0 = (cropWidth - overlap) * column;
        const y0 = (cropHeight - overlap) * row;
        if (x0 >= width || y0 >= height) continue;
        crops.push({ box: [x0, y0, Math.min(x0 + cropWidth, width), Math.min(y0 + cropHeight, height)], layer });
      }
    }
  }
  return crops;
}
