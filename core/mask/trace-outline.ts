import { bitmaskArea } from './bitmask-ops';
import { keepLargestComponent } from './connected-components';
import type { Bitmask } from './types';

/** The outer border of the largest piece of a mask. */
export interface Outline {
  /** Corners [x, y] in pixel edges (pixel (0, 0) covers 0..1), clockwise, only where the border turns; at least 4. */
  readonly points: readonly (readonly [number, number])[];
  /** Pixels of the piece. */
  readonly area: number;
  /** Pixels within the border: the piece with its holes filled. */
  readonly enclosed: number;
}

const STEPS = [[1, 0], [0, 1], [-1, 0], [0, -1]] as const;

/**
 * Follow the pixel edges around the largest 4-connected piece (of equal ones the first in row-major order), with the piece on the
 * right hand. Filling the polygon gives exactly the piece with its holes filled. Null for an empty mask.
 */
export function traceOutline(mask: Bitmask): Outline | null {
  const piece = keepLargestComponent(mask, 4);
  const first = piece.data.indexOf(1);
  if (first < 0) return null;
  const { width, height } = mask;
  const isInside = (x: number, y: number): boolean => x >= 0 && y >= 0 && x < width && y < height && piece.data[y * width + x] === 1;
  const [startX, startY] = [first % width, Math.floor(first / width)];
  const points: (readonly [number, number])[] = [];
  let [x, y, direction] = [startX, startY, 0];
  let twiceArea = 0;
  do {
    points.push([x, y]);
    const fromX = x;
    const fromY = y;
    const [dx, dy] = STEPS[direction]!;
    let turn = 0;
    do {
      x += dx;
      y += dy;
      // The pixel ahead on the right, then the one ahead on the left.
      if (!isInside(...pixelAt(x, y, direction, true))) turn = 1;
      else if (isInside(...pixelAt(x, y, direction, false))) turn = 3;
    } while (turn === 0);
    twiceArea += fromX * y - x * fromY;
    direction = (direction + turn) & 3;
  } while (x !== startX || y !== startY || direction !== 0);
  return { points, area: bitmaskArea(piece), enclosed: twiceArea / 2 };
}

/** The pixel ahead of the corner (x, y) when walking in `direction` (0 right, 1 down, 2 left, 3 up), on the right or the left hand. */
function pixelAt(x: number, y: number, direction: number, onRight: boolean): [number, number] {
  switch (direction) {
    case 0:
      return [x, onRight ? y : y - 1];
    case 1:
      return [onRight ? x - 1 : x, y];
    case 2:
      return [x - 1, onRight ? y - 1 : y];
    default:
      return [onRight ? x : x - 1, y - 1];
  }
}
