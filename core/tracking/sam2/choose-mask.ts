import type { Sam2Masks, Sam2Settings } from '../../../contracts/sam2-network';

/** Logit of every cell when the object is not seen. */
export const NO_OBJ_SCORE = -1024;

/** One object's mask on a frame, as SAM 2 chooses it. */
export interface ChosenMask {
  /** [maskSize * maskSize] */
  readonly logits: Float32Array;
  readonly predictedIou: number;
  /** Logit; above 0 where the object is seen. */
  readonly objectScore: number;
  /** [hidden_dim] */
  readonly pointer: Float32Array;
}

/**
 * Which of the four masks is the object's, and its pointer (sam2_base.py, `_forward_sam_heads` and `_use_multimask`; mask_decoder.py, `forward`):
 * with multimask output the one of highest predicted IoU; else the single one, or, with `dynamic_multimask_via_stability`, when that is unstable,
 * the best other one. A hidden object has no mask, and `no_obj_ptr` for a pointer.
 * @param multimask whether the three masks are wanted; see `usesMultimask`
 */
export function chooseMask(found: Sam2Masks, object: number, multimask: boolean, settings: Sam2Settings): ChosenMask {
  const area = found.maskSize * found.maskSize;
  const logitsOf = (m: number): Float32Array => found.logits.subarray((object * 4 + m) * area, (object * 4 + m + 1) * area);
  const iouOf = (m: number): number => found.predictedIous[object * 4 + m]!;
  const best = [2, 3].reduce((before, m) => (iouOf(m) > iouOf(before) ? m : before), 1);
  const chosen = multimask || (settings.dynamic_multimask_via_stability && !isStable(logitsOf(0), settings)) ? best : 0;
  const token = multimask && settings.use_multimask_token_for_obj_ptr ? best : 0;
  const objectScore = found.objectScores[object]!;
  const size = settings.hidden_dim;
  const pointer = found.pointers.slice((object * 4 + token) * size, (object * 4 + token + 1) * size);
  const seen = settings.soft_no_obj_ptr ? 1 / (1 + Math.exp(-objectScore)) : objectScore > 0 ? 1 : 0;
  return {
    logits: objectScore > 0 ? logitsOf(chosen).slice() : new Float32Array(area).fill(NO_OBJ_SCORE),
    predictedIou: iouOf(chosen),
    objectScore,
    pointer: pointer.map((value, c) => (settings.fixed_no_obj_ptr ? seen * value : value) + (1 - seen) * settings.no_obj_ptr[c]!),
  };
}

/** Whether a frame without points is asked for the three masks. */
export function usesMultimask(settings: Sam2Settings): boolean {
  return settings.multimask_output_in_sam && settings.multimask_output_for_tracking && settings.multimask_min_pt_num === 0;
}

/** Intersection over union of the mask at a threshold above 0 and one below. */
function isStable(logits: Float32Array, { dynamic_multimask_stability_delta: delta, dynamic_multimask_stability_thresh: least }: Sam2Settings): boolean {
  const [high, low] = [Math.fround(delta), Math.fround(-delta)];
  let inner = 0;
  let outer = 0;
  for (const value of logits) {
    if (value > high) inner++;
    if (value > low) outer++;
  }
  return outer === 0 || Math.fround(inner / outer) >= Math.fround(least);
}
