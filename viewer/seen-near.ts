/**
 * The visible position nearest to `position` on one side: the last one at or before it, or the first one at or after it. `position` itself
 * when there is none. @param spans flat list: visible in [spans[0], spans[1]), [spans[2], spans[3]), …
 */
export function seenNear(spans: readonly number[], position: number, side: 'before' | 'after'): number {
  if (side === 'after') {
    for (let i = 0; i < spans.length; i += 2) if (position < spans[i + 1]!) return Math.max(position, spans[i]!);
    return position;
  }
  for (let i = spans.length - 2; i >= 0; i -= 2) if (position >= spans[i]!) return Math.min(position, spans[i + 1]! - 1);
  return position;
}
