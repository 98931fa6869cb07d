/** Box corners [x0, y0, x1, y1] in pixels; right and bottom are exclusive, so width = x1 - x0. */
export type BoxXyxy = readonly [number, number, number, number];

/** Box as [x, y, width, height] in pixels (COCO). */
export type BoxXywh = readonly [number, number, number, number];

/** Corners to origin and size. */
export function boxXyxyToXywh(box: BoxXyxy): BoxXywh {
  return [box[0], box[1], box[2] - box[0], box[3] - box[1]];
}

/** Origin and size to corners. */
export function boxXywhToXyxy(box: BoxXywh): BoxXyxy {
  return [box[0], box[1], box[0] + box[2], box[1] + box[3]];
}

/** Inclusive corners (the last pixel belongs to the box; SAM 1's `batched_mask_to_box`) to exclusive corners. */
export function inclusiveToExclusiveBox(box: BoxXyxy): BoxXyxy {
  return [box[0], box[1], box[2] + 1, box[3] + 1];
}

/** Area in square pixels; 0 for an empty or inverted box. */
export function boxArea(box: BoxXyxy): number {
  return Math.max(0, box[2] - box[0]) * Math.max(0, box[3] - box[1]);
}

/** True when the box holds no area. */
export function isEmptyBox(box: BoxXyxy): boolean {
  return !(box[2] > box[0] && box[3] > box[1]);
}

/** The common part, or [0, 0, 0, 0] when the boxes do not overlap. */
export function boxIntersection(a: BoxXyxy, b: BoxXyxy): BoxXyxy {
  const x0 = Math.max(a[0], b[0]);
  const y0 = Math.max(a[1], b[1]);
  const x1 = Math.min(a[2], b[2]);
  const y1 = Math.min(a[3], b[3]);
  return x1 > x0 && y1 > y0 ? [x0, y0, x1, y1] : [0, 0, 0, 0];
}

/** Area of the common part in square pixels. */
export function boxIntersectionArea(a: BoxXyxy, b: BoxXyxy): number {
  const w = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const h = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  return w > 0 && h > 0 ? w * h : 0;
}

/** True when the boxes share some area. */
export function boxesOverlap(a: BoxXyxy, b: BoxXyxy): boolean {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}

/** Intersection over union in 0..1; 0 when both are empty. */
export function boxIou(a: BoxXyxy, b: BoxXyxy): number {
  const intersection = boxIntersectionArea(a, b);
  const union = boxArea(a) + boxArea(b) - intersection;
  return union > 0 ? intersection / union : 0;
}

/** Smallest box around both; an empty box adds nothing. */
export function boxUnion(a: BoxXyxy, b: BoxXyxy): BoxXyxy {
  if (isEmptyBox(a)) return b;
  if (isEmptyBox(b)) return a;
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];
}

/** Box limited to a picture of width x height; [0, 0, 0, 0] when it lies outside. */
export function clipBox(box: BoxXyxy, width: number, height: number): BoxXyxy {
  return boxIntersection(box, [0, 0, width, height]);
}

/** Box grown (or shrunk, when negative) by `marginX`, `marginY` pixels on every side; not clipped. */
export function expandBox(box: BoxXyxy, marginX: number, marginY: number = marginX): BoxXyxy {
  return [box[0] - marginX, box[1] - marginY, box[2] + marginX, box[3] + marginY];
}

/** Box moved by (dx, dy) pixels. */
export function translateBox(box: BoxXyxy, dx: number, dy: number): BoxXyxy {
  return [box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy];
}

/** Box scaled about the origin, for example from model input to picture coordinates. */
export function scaleBox(box: BoxXyxy, scaleX: number, scaleY: number = scaleX): BoxXyxy {
  return [box[0] * scaleX, box[1] * scaleY, box[2] * scaleX, box[3] * scaleY];
}
