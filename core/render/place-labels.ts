/** A rectangle of pixels; right and bottom exclusive are left + width and top + height. */
export interface Place {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** How many places are tried for a label before it is drawn over another one. */
const TRIES = 48;
/** Free pixels between two labels. */
const APART = 1;

/**
 * Put labels where they are wanted, moved into the picture, and beside those placed before them where they would cover one: at the nearest
 * free place that touches the others. The first keeps its place, so give them in an order that does not change from frame to frame. In a crowd
 * without room a label covers others rather than go far away.
 */
export function placeLabels(wanted: readonly Place[], picture: { readonly width: number; readonly height: number }): Place[] {
  const placed: Place[] = [];
  for (const label of wanted) placed.push(freePlace(moveInside(label, picture), placed, picture));
  return placed;
}

function freePlace(first: Place, placed: readonly Place[], picture: { readonly width: number; readonly height: number }): Place {
  const queue = [first];
  const seen = new Set<string>();
  for (let tries = 0; tries < TRIES && queue.length > 0; tries++) {
    const next = takeNearest(queue, first);
    const blocking = placed.find((other) => overlaps(next, other));
    if (blocking === undefined) return next;
    for (const place of besides(next, blocking)) {
      const inside = moveInside(place, picture);
      const key = `${inside.left},${inside.top}`;
      if (seen.has(key)) continue;
      seen.add(key);
      queue.push(inside);
    }
  }
  return first;
}

function takeNearest(queue: Place[], to: Place): Place {
  let best = 0;
  for (let i = 1; i < queue.length; i++) if (distance(queue[i]!, to) < distance(queue[best]!, to)) best = i;
  return queue.splice(best, 1)[0]!;
}

function distance(a: Place, b: Place): number {
  return (a.left - b.left) ** 2 + (a.top - b.top) ** 2;
}

/** Above, below, left and right of another label. */
function besides(label: Place, other: Place): Place[] {
  return [
    { ...label, top: other.top - label.height - APART },
    { ...label, top: other.top + other.height + APART },
    { ...label, left: other.left - label.width - APART },
    { ...label, left: other.left + other.width + APART },
  ];
}

function overlaps(a: Place, b: Place): boolean {
  return a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height;
}

function moveInside(label: Place, { width, height }: { readonly width: number; readonly height: number }): Place {
  return { ...label, left: Math.max(0, Math.min(width - label.width, label.left)), top: Math.max(0, Math.min(height - label.height, label.top)) };
}
