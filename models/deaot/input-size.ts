/** Cells have 16 input pixels; with aligned corners there is one pixel more than cells. */
const STRIDE = 16;

/**
 * Size at which a picture is looked at (dataloaders/video_transforms.py, `MultiRestrictSize`): its longest side at most `maxLongEdge`, never enlarged, both
 * sides rounded to whole cells; two cells at least.
 */
export function restrictSize(width: number, height: number, maxLongEdge: number, alignCorners: boolean): { width: number; height: number } {
  const scale = Math.min(1, maxLongEdge / Math.max(width, height));
  const edge = alignCorners ? 1 : 0;
  const fit = (side: number): number => Math.max(2 - edge, roundToEven((Math.trunc(side * scale) - edge) / STRIDE)) * STRIDE + edge;
  return { width: fit(width), height: fit(height) };
}

/** Halves to the even neighbour, as NumPy rounds. */
function roundToEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
