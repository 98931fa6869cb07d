/** Signed distance in pixels to an outline, negative inside, for a point relative to the shape's centre. */
export type Outline = (x: number, y: number) => number;

export const circle = (radius: number): Outline => (x, y) => Math.hypot(x, y) - radius;

export const ellipse = (rx: number, ry: number): Outline => (x, y) => (Math.hypot(x / rx, y / ry) - 1) * Math.min(rx, ry);

export const roundedBox = (halfWidth: number, halfHeight: number, corner: number): Outline => (x, y) => {
  const dx = Math.abs(x) - halfWidth + corner;
  const dy = Math.abs(y) - halfHeight + corner;
  return Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - corner;
};

/** Convex polygon with `sides` sides inside a circle of `radius`, corners rounded. */
export const polygon = (sides: number, radius: number, corner: number): Outline => {
  const apothem = (radius - corner) * Math.cos(Math.PI / sides);
  const sector = (2 * Math.PI) / sides;
  return (x, y) => {
    const angle = Math.atan2(y, x);
    const nearest = Math.round(angle / sector) * sector;
    return Math.hypot(x, y) * Math.cos(angle - nearest) - apothem - corner;
  };
};

/** Flower-like star with `points` rounded points between the two radii. */
export const star = (points: number, inner: number, outer: number): Outline => (x, y) => {
  const wave = 0.5 + 0.5 * Math.cos(Math.atan2(y, x) * points);
  return (Math.hypot(x, y) - (inner + (outer - inner) * wave)) * 0.75;
};
