/** Largest change in area: after no time, its growth per frame of the gap, and after any time. */
const AREA_FACTOR = { start: 1.6, perFrame: 0.03, most: 4 } as const;
/** How far an object gets beyond its own size: share of the picture's longer side per frame of the gap, and in any time. */
const REACH = { perFrame: 0.01, most: 0.5 } as const;

/** By which factor an object's area may change while it is not seen; null frames: no limit of time. */
export function areaFactorAfter(frames: number | null): number {
  return frames === null ? AREA_FACTOR.most : Math.min(AREA_FACTOR.most, AREA_FACTOR.start + AREA_FACTOR.perFrame * frames);
}

/** How far its centre may get meanwhile, in pixels. `extent`: its own longer side; `span`: that of the picture. */
export function reachAfter(frames: number, extent: number, span: number): number {
  return extent + Math.min(REACH.most, REACH.perFrame * frames) * span;
}
