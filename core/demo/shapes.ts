const { abs, atan2, cos, hypot, max, min, round } = Math;

/** Signed distance in pixels to an outline, negative inside, for a point relative to the shape's centre. */
export type Outline = (x: number, y: number) => number;

export const circle = (radius: number): Outline => (x, y) => hypot(x, y) - radius;

export const ellipse = (rx: number, ry: number): Outline => (x, y) => (hypot(x / rx, y / ry) - 1) * min(rx, ry);

export const roundedBox = (halfWidth: number, halfHeight: number, corner: number): Outline => (x, y) => {
  const dx = abs(x) - halfWidth + corner;
  const dy = abs(y) - halfHeight + corner;
  return hypot(max(dx, 0), max(dy, 0)) + min(max(dx, dy), 0) - corner;
};

/** Convex polygon with `sides` sides inside a circle of `radius`, corners rounded. */
export const polygon = (sides: number, radius: number, corner: number): Outline => {
  const apothem = (radius - corner) * cos(Math.PI / sides);
  const sector = (2 * Math.PI) / sides;
  return (x, y) => {
    const angle = atan2(y, x);
    const nearest = round(angle / sector) * sector;
    return hypot(x, y) * cos(angle - nearest) - apothem - corner;
  };
};

/** Flower-like star with `points` rounded points between the two radii. */
export const star = (points: number, inner: number, outer: number): Outline => (x, y) => {
  const wave = 0.5 + 0.5 * cos(atan2(y, x) * points);
  return (hypot(x, y) - (inner + (outer - inner) * wave)) * 0.75;
};
