import { VamgError } from '../../contracts/errors';
import type { MaskLine } from '../../contracts/pipeline-artefacts';
import { HotaScorer, type HotaValues } from '../../core/metrics/hota';
import { HotaAlignment } from '../../core/metrics/hota-alignment';
import { IdentityScorer } from '../../core/metrics/identity';
import { compareMasks, type JudgedFrame } from '../../core/metrics/judged-frame';
import { readFrame } from './compared-frames';
import type { Scores } from './score-result';

/** How far two results of one video are the same, without truth; both ways round the numbers are equal. */
export interface Agreement extends Pick<HotaValues, 'hota' | 'detA' | 'assA' | 'locA'> {
  /** Frames that are in both results. */
  readonly frames: number;
  readonly idf1: number;
}

/** What the first result loses against the second, by the same truth; below 0 it is better. */
export interface Regret {
  readonly hota: number;
  readonly detA: number;
  readonly assA: number;
  readonly idf1: number;
  /** ID switches (CLEAR) of the first less those of the second. */
  readonly idSwitches: number;
}

type Lines = () => AsyncIterable<MaskLine>;

/**
 * HOTA and IDF1 of one result with the other as truth that shows every object, over the frames they share. Both are read twice.
 * @throws VamgError BadConfig without a common frame, or when the sizes differ.
 */
export async function compareResults(lines: Lines, others: Lines): Promise<Agreement> {
  const alignment = new HotaAlignment();
  const identity = new IdentityScorer();
  let frames = 0;
  for await (const frame of sharedFrames(lines(), others())) {
    alignment.addFrame(frame);
    identity.addFrame(frame);
    frames++;
  }
  if (frames === 0) throw new VamgError('BadConfig', 'The two results have no frame in common; --against is for another result of the same video.');
  const scorer = new HotaScorer(alignment);
  for await (const frame of sharedFrames(lines(), others())) scorer.addFrame(frame);
  const { hota, detA, assA, locA } = scorer.result();
  return { frames, hota, detA, assA, locA, idf1: identity.result().idf1 };
}

/** Chunking regret, when `scores` are those of a video cut into chunks and `others` of the same video in one piece. */
export function regretOf(scores: Scores, others: Scores): Regret {
  const less = (pick: (scores: Scores) => number): number => pick(others) - pick(scores);
  return {
    hota: less((one) => one.hota.hota),
    detA: less((one) => one.hota.detA),
    assA: less((one) => one.hota.assA),
    idf1: less((one) => one.idf1),
    idSwitches: 0 - less((one) => one.clear.idSwitches),
  };
}

/** Both files are in order of frames, so one walk over the two finds what they share. */
async function* sharedFrames(lines: AsyncIterable<MaskLine>, others: AsyncIterable<MaskLine>): AsyncGenerator<JudgedFrame> {
  const iterator = others[Symbol.asyncIterator]();
  try {
    let other = await iterator.next();
    for await (const line of lines) {
      while (!other.done && other.value.frame < line.frame) other = await iterator.next();
      if (other.done) return;
      if (other.value.frame === line.frame) yield judge(line, other.value);
    }
  } finally {
    await iterator.return?.();
  }
}

function judge(line: MaskLine, other: MaskLine): JudgedFrame {
  const [predictions, truth] = [readFrame(line).masks, readFrame(other).masks];
  const sizes = new Set([...predictions.values(), ...truth.values()].map(({ width, height }) => `${width}x${height}`));
  if (sizes.size > 1) throw new VamgError('BadConfig', `On frame ${line.frame} the masks of the two results are ${[...sizes].join(' and ')} pixels; they must be of one size.`);
  return compareMasks({ truth, predictions, ignored: null });
}
