import type { ResultFigures } from '../pipeline/result-figures';

/** A value of result.json; what is not named here stays as it is. */
export interface SummaryValue {
  readonly counts: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

/**
 * result.json after edits: the numbers that come from masks are counted again, `lineage` has the IDs of now, `edits` is how many hold.
 * `stitch` still counts what stitching did.
 * @param lineage of the edited stitch report; null when the result has none
 */
export function editSummary(original: SummaryValue, { objects, masks, flicker }: ReturnType<ResultFigures['result']>, lineage: readonly unknown[] | null, edits: number): SummaryValue {
  return {
    ...original,
    counts: { ...original.counts, objects: objects.length, masks },
    objects,
    ...(lineage !== null && { lineage }),
    flicker,
    edits,
  };
}
