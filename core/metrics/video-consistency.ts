import { checkOneSize, judgedLabel, UNJUDGED, type LabelledFrame } from './label-pairs';

/** Shares 0..1; null where no pixel of the truth keeps its object that long. */
export interface VideoConsistency {
  readonly vc8: number | null;
  readonly vc16: number | null;
}

interface Window {
  readonly frames: number;
  /** Share of the window that ends with the newest frame; null when no pixel is constant there. */
  newest: number | null;
  sum: number;
  windows: number;
}

/**
 * Video consistency VC_n: of the pixels whose true object stays the same over n frames in a row, the share whose predicted
 * object stays the same too, right or wrong; mean over windows (Miao et al., "VSPW: A Large-scale Dataset for Video Scene
 * Parsing in the Wild", 2021; `VC_perclip.py`, which leaves out the last window, and so is it here). Pixels that are not
 * judged are left out. A result that finds nothing is perfectly consistent.
 *
 * Streaming: call `addFrame` for each frame in order, then `result`. Memory: four numbers per pixel of one frame.
 */
export class VideoConsistencyScorer {
  private readonly windows: readonly Window[] = [8, 16].map((frames) => ({ frames, newest: null, sum: 0, windows: 0 }));
  private labels: { truth: Int32Array; predicted: Int32Array; truthRun: Uint32Array; predictedRun: Uint32Array } | undefined;

  /** @throws RangeError when the maps differ in size, or from those of the frames before. */
  addFrame(frame: LabelledFrame): void {
    checkOneSize(frame);
    const n = frame.truth.data.length;
    this.labels ??= { truth: new Int32Array(n), predicted: new Int32Array(n), truthRun: new Uint32Array(n), predictedRun: new Uint32Array(n) };
    const { truth, predicted, truthRun, predictedRun } = this.labels;
    if (truth.length !== n) throw new RangeError(`frame of ${n} pixels after frames of ${truth.length}`);
    for (let i = 0; i < n; i++) {
      const real = judgedLabel(frame.truth.data[i]!, frame);
      const found = frame.predicted.data[i]!;
      truthRun[i] = real === UNJUDGED ? 0 : real === truth[i] ? truthRun[i]! + 1 : 1;
      predictedRun[i] = found === predicted[i] ? predictedRun[i]! + 1 : 1;
      truth[i] = real;
      predicted[i] = found;
    }
    for (const window of this.windows) {
      if (window.newest !== null) {
        window.sum += window.newest;
        window.windows++;
      }
      window.newest = shareOfConstant(truthRun, predictedRun, window.frames);
    }
  }

  result(): VideoConsistency {
    const [vc8, vc16] = this.windows.map(({ sum, windows }) => (windows === 0 ? null : sum / windows));
    return { vc8: vc8!, vc16: vc16! };
  }
}

function shareOfConstant(truthRun: Uint32Array, predictedRun: Uint32Array, frames: number): number | null {
  let [constant, both] = [0, 0];
  for (let i = 0; i < truthRun.length; i++) {
    if (truthRun[i]! < frames) continue;
    constant++;
    if (predictedRun[i]! >= frames) both++;
  }
  return constant === 0 ? null : both / constant;
}
