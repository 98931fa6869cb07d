/** Frames whose IoU is this near the best count as equally good. */
const EQUAL_IOU = 0.02;

/**
 * The frame within the overlap window on which a joined object switches from the left chunk's mask to the right chunk's:
 * where both agree most, so that the seam shows least. The first `hotstart` frames of the window are avoided, because the
 * right chunk has just begun there. Among frames within 0.02 of the best IoU the nearest to the middle of the window
 * wins (each chunk is weakest at its own end), then the earlier. Returns null when the two are never visible together.
 *
 * @param frames frames of the window, ascending
 * @param frameIous IoU per frame, null where not both masks are visible
 */
export function chooseCutFrame(
  frames: readonly number[],
  frameIous: readonly (number | null)[],
  hotstart: number,
): number | null {
  const common = [...frames.keys()].filter((f) => frameIous[f] !== null && frameIous[f] !== undefined);
  if (common.length === 0) return null;
  const warm = common.filter((f) => f >= hotstart);
  const usable = warm.length > 0 ? warm : common;
  const best = Math.max(...usable.map((f) => frameIous[f]!));
  const middle = (frames.length - 1) / 2;
  const good = usable.filter((f) => frameIous[f]! >= best - EQUAL_IOU);
  good.sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle) || a - b);
  return frames[good[0]!]!;
}
