/** What can be drawn over a film, in the order of `--overlay-style`. */
export const OVERLAY_PARTS = ['fill', 'contour', 'ids', 'boxes', 'trails'] as const;
export type OverlayPart = (typeof OVERLAY_PARTS)[number];

const PART = OVERLAY_PARTS.join('|');
/** A comma list of parts, without blanks. */
export const OVERLAY_STYLE_PATTERN = new RegExp(`^(?:${PART})(?:,(?:${PART}))*$`);

/** How an overlay film looks; the output options of a job hold one. */
export interface OverlayLook {
  /** Comma list of OVERLAY_PARTS. */
  readonly overlayStyle: string;
  /** Share of the object's colour inside the mask, 0..1. */
  readonly overlayOpacity: number;
  /** Processed frames that a trail goes back. */
  readonly overlayTrail: number;
}

/** The parts that a look names. */
export function overlayParts({ overlayStyle }: Pick<OverlayLook, 'overlayStyle'>): ReadonlySet<OverlayPart> {
  const named = overlayStyle.split(',');
  return new Set(OVERLAY_PARTS.filter((part) => named.includes(part)));
}

/** Processed frames that must be known to draw one: itself, and with trails those before it. */
export function overlayReach(look: OverlayLook): number {
  return overlayParts(look).has('trails') ? look.overlayTrail : 1;
}
