import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { createContext, openArtefacts } from '../context';
import { demoTruth, writeDemoFilm } from '../demo/demo-film';
import { printScoreTable, scoreDocument } from '../evaluate/print-scores';
import { scoreResult } from '../evaluate/score-result';
import { prepareJob } from '../job/prepare-job';
import { checkOutFolder } from '../job/out-folder';
import { runJob } from '../job/run-job';
import { jobDocument, tellWhereToLook } from '../job/summarise-job';
import { parseFlagValue } from '../options/parse-flag';
import { flagSpecs } from '../options/flag-spec';
import { resolveOptions } from '../options/resolve-options';
import { segmentOptionsSchema, trackingOptionsSchema } from '../../contracts/segment-options';
import { fromUserFolder } from '../output/user-folder';
import { readMaskLines } from '../result/read-masks';
import { readSeams } from '../result/read-seams';

/** Small chunks, so that objects of the demo cross borders between them. */
const CHUNK_FRAMES = 32;
const OVERLAP_FRAMES = 12;

const EXAMPLES = `
Draws 72 frames with five things that move: two cross, one passes behind a pillar, one arrives late. Cuts them into three
chunks, segments them, and compares the result with the exact truth.

Examples:
  vamg demo
  vamg demo --tracker iou --out demo-iou`;

export function registerDemoCommand(program: Command): void {
  const choice = (schema: typeof segmentOptionsSchema | typeof trackingOptionsSchema, key: string) => {
    const spec = flagSpecs(schema).find((one) => one.key === key)!;
    return (text: string): string => String(parseFlagValue(spec, text));
  };
  program
    .command('demo')
    .description('Draw a small film, segment it and score the result: is everything working?')
    .option('--out <dir>', 'Folder for the result.', 'demo-vamg')
    .option('--preset <name>', 'draft, balanced or quality', choice(segmentOptionsSchema, 'preset'), 'draft')
    .option('--tracker <name>', 'iou, prompt or memory', choice(trackingOptionsSchema, 'tracker'))
    .option('--device <name>', 'Execution provider: cpu, cuda, … or auto', choice(segmentOptionsSchema, 'device'))
    .option('--json', 'Print one JSON document on stdout and nothing else.')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: DemoFlags) => demo(flags));
}

interface DemoFlags {
  readonly out: string;
  readonly preset: string;
  readonly tracker?: string;
  readonly device?: string;
  readonly json?: boolean;
}

async function demo({ out: folder, preset, tracker, device, json }: DemoFlags): Promise<void> {
  const context = createContext({ ...(json === true && { json }) });
  const { out, config } = context;
  const target = fromUserFolder(folder);
  await checkOutFolder(target, true);
  const { options } = resolveOptions({
    flags: { preset, ...(device !== undefined && { device }), tracking: tracker === undefined ? {} : { tracker }, planning: { chunkFrames: CHUNK_FRAMES, overlapFrames: OVERLAP_FRAMES } },
  });
  const film = path.join(config.home, 'demo', 'demo.mp4');
  await mkdir(path.dirname(film), { recursive: true });
  out.note('drawing a small film');
  await writeDemoFilm(film);
  const { artefacts, sources } = await openArtefacts(context);
  const signal = new AbortController().signal;
  const record = await prepareJob({ input: film, options, id: undefined, out: target, given: { firstFrameMask: undefined, prompts: undefined }, storeUrl: config.storeUrl, artefacts, sources, signal, note: (text) => out.note(text) });
  const result = await runJob(context, record);
  if (result === null) return;
  const scores = await scoreResult({ lines: () => readMaskLines(target), truth: demoTruth(), seams: await readSeams(target) });
  out.json({ ...(await jobDocument(record, result)), scores: scoreDocument(scores) });
  printScoreTable(out, scores);
  out.line();
  await tellWhereToLook(out, record, result);
}
