import type { ImageEmbedding } from '../../contracts/segmenter';

/**
 * Points from original picture pixels to input-frame pixels: scaled by valid size over picture size on each axis
 * (segment_anything/utils/transforms.py, apply_coords).
 */
export function toInputCoords(embedding: ImageEmbedding, coords: Float32Array): Float32Array {
  const scaleX = embedding.validWidth / embedding.imageWidth;
  const scaleY = embedding.validHeight / embedding.imageHeight;
  const out = new Float32Array(coords.length);
  for (let i = 0; i < coords.length; i += 2) {
    out[i] = coords[i]! * scaleX;
    out[i + 1] = coords[i + 1]! * scaleY;
  }
  return out;
}
