import type { Command } from 'commander';
import { openTruthFolder } from '../evaluate/truth-folder';
import { printScoreTable, scoreDocument } from '../evaluate/print-scores';
import { scoreResult } from '../evaluate/score-result';
import { createOutput } from '../output/output';
import { fromUserFolder } from '../output/user-folder';
import { masksFile, readMaskLines } from '../result/read-masks';

const EXAMPLES = `
The k-th PNG by name belongs to frame k of the video. Value 0 means unlabelled: what the result finds there is never wrong.
In 8-bit files 255 means "do not judge".

Example:
  vamg evaluate film-vamg --ground-truth DAVIS/Annotations/480p/bus`;

export function registerEvaluateCommand(program: Command): void {
  program
    .command('evaluate')
    .argument('<dir>', 'a result folder')
    .description('Compare a result with ground truth: J, F, IDF1, ID switches.')
    .requiredOption('--ground-truth <png-dir>', 'Folder of indexed PNG label maps, one per frame.')
    .option('--json', 'Print one JSON document on stdout and nothing else.')
    .addHelpText('after', EXAMPLES)
    .action(async (dir: string, flags: { groundTruth: string; json?: boolean }) => {
      const folder = fromUserFolder(dir);
      masksFile(folder);
      const truth = await openTruthFolder(fromUserFolder(flags.groundTruth));
      const out = createOutput(flags.json === true);
      const scores = await scoreResult({ lines: () => readMaskLines(folder), truth });
      out.json(scoreDocument(scores));
      printScoreTable(out, scores);
    });
}
