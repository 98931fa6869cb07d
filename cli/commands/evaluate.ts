import type { Command } from 'commander';
import { VamgError } from '../../contracts/errors';
import { compareResults, regretOf } from '../evaluate/compare-results';
import type { TruthSource } from '../evaluate/compared-frames';
import { evaluationDocument, printComparison, printScoreTable, type Comparison } from '../evaluate/print-scores';
import { scoreResult, type Scores } from '../evaluate/score-result';
import { openTruthFolder } from '../evaluate/truth-folder';
import { createOutput } from '../output/output';
import { fromUserFolder } from '../output/user-folder';
import { masksFile, readMaskLines } from '../result/read-masks';
import { readSeams } from '../result/read-seams';

const EXAMPLES = `
The k-th PNG by name belongs to frame k of the video. Value 0 means unlabelled: what the result finds there is never wrong.
With --every-object it is background, and what the result finds there is an error. In 8-bit files 255 means "do not judge".

What is printed:
  J, F, J&F    overlap and contours of the one ID that follows each object best (DAVIS)
  HOTA         finding objects (DetA) and keeping their IDs (AssA), over 19 overlap thresholds
  CLEAR        MOTA, MOTP; IDSW: changes of ID; Frag: interruptions; MT, PT, ML: objects mostly, partly, hardly followed
  IDF1         share of frames on which the right ID is on the right object
  STQ          pixels: one ID over the whole object (AQ), and objects found at all (SQ)
  VPQ          objects found and exact over 1, 2, 4, 6, 8, 10 and all frames
  VC8, VC16    pixels whose object stays the same over 8 or 16 frames, and whose ID does too
  returns      how often an object that was out of sight has its former ID when it is back
  seams        how often an object changes its ID where two chunks meet
  flicker      unsteadiness of the masks, without truth
  --against    agreement of two results without truth, and chunking regret: HOTA of the other less HOTA of this one
docs/metrics.md says exactly how each is counted, and what it was checked with.

Examples:
  vamg evaluate film-vamg --ground-truth DAVIS/Annotations/480p/bus
  vamg evaluate in-chunks --against in-one-piece --ground-truth masks`;

interface EvaluateFlags {
  readonly groundTruth?: string;
  readonly everyObject?: boolean;
  readonly against?: string;
  readonly json?: boolean;
}

export function registerEvaluateCommand(program: Command): void {
  program
    .command('evaluate')
    .argument('<dir>', 'a result folder')
    .description('Compare a result with ground truth (J, F, HOTA, IDF1, STQ, VPQ …), or with another result.')
    .option('--ground-truth <png-dir>', 'Folder of indexed PNG label maps, one per frame.')
    .option('--every-object', 'The ground truth shows every object: value 0 is background, not unlabelled.')
    .option('--against <dir>', 'Another result of the same video, for example one that was not cut into chunks.')
    .option('--json', 'Print one JSON document on stdout and nothing else.')
    .addHelpText('after', EXAMPLES)
    .action(async (dir: string, flags: EvaluateFlags) => evaluate(fromUserFolder(dir), flags));
}

async function evaluate(folder: string, flags: EvaluateFlags): Promise<void> {
  const { groundTruth, against, everyObject = false, json = false } = flags;
  if (groundTruth === undefined && against === undefined) throw new VamgError('BadConfig', 'There is nothing to compare with: give --ground-truth PNG_DIR, --against DIR, or both.');
  const other = against === undefined ? null : fromUserFolder(against);
  masksFile(folder);
  if (other !== null) masksFile(other);
  const truth = groundTruth === undefined ? null : await openTruthFolder(fromUserFolder(groundTruth));
  const out = createOutput(json);
  const scores = truth === null ? null : await scoreFolder(folder, truth, everyObject);
  const comparison = other === null ? null : await compareFolders(folder, scores, other, truth, everyObject);
  out.json(evaluationDocument(scores, comparison));
  if (scores !== null) printScoreTable(out, scores);
  if (scores !== null && comparison !== null) out.line();
  if (comparison !== null) printComparison(out, comparison);
}

async function scoreFolder(folder: string, truth: TruthSource, everyObject: boolean): Promise<Scores> {
  return scoreResult({ lines: () => readMaskLines(folder), truth, everyObject, seams: await readSeams(folder) });
}

async function compareFolders(folder: string, scores: Scores | null, other: string, truth: TruthSource | null, everyObject: boolean): Promise<Comparison> {
  const agreement = await compareResults(() => readMaskLines(folder), () => readMaskLines(other));
  if (scores === null || truth === null) return { agreement, scores: null, regret: null };
  const others = await scoreFolder(other, truth, everyObject);
  return { agreement, scores: others, regret: regretOf(scores, others) };
}
