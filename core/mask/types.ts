/** Row-major binary mask; data[y*width+x] is 0 or 1. */
export interface Bitmask {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/**
 * Run lengths over the column-major pixel order (COCO), first run counts zeros. sum(counts) = width*height.
 * Canonical: no zero runs except possibly the first.
 */
export interface Rle {
  readonly width: number;
  readonly height: number;
  readonly counts: Uint32Array;
}

/** COCO compressed RLE as in JSON; size is [height, width]. */
export interface CocoRle {
  readonly size: readonly [number, number];
  readonly counts: string;
}

/** COCO uncompressed RLE as in JSON; size is [height, width]. */
export interface UncompressedCocoRle {
  readonly size: readonly [number, number];
  readonly counts: readonly number[];
}
