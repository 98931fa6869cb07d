/**
 * The mask generator beside the Python original (PyPI mobilesam-mirror, the same weights) in one run: seconds by the clock and of the
 * processor on each picture, in turn, and how many masks of one are found by the other. Ours runs as SAM does (`exact`), with its early
 * filters (`fast`, what videos are segmented with), and only at points that show something new (`pointNovelty`). Prints markdown.
 *
 *   npm run bench:generator [-- --pictures FOLDER] [--points-per-side 32] [--novelties 0.07] [--rounds 1] [--input-size 1024]
 *                           [--decoder torch|onnx|none] [--threads 2] [--match-iou 0.9] [--bundles FOLDER,…]
 *
 * With `--decoder none` the original does not run, and ours as SAM does is what the others are compared with. `--bundles` are further bundles of the family
 * sam that run as `fast` does, such as those of infra/export/mobilesam/variants.py.
 */
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { amgOptionsSchema } from '../contracts/amg-options';
import { generateMasks } from '../core/amg/automatic-mask-generator';
import { rleIou } from '../core/mask/rle-ops';
import type { Rle } from '../core/mask/types';
import type { PromptableSegmenter } from '../contracts/segmenter';
import { ensureBundle, type ResolvedBundle } from '../models/bundles';
import { createSamModel } from '../models/sam/sam-model';
import { readImageRgb } from '../adapters/png/png';
import { head, mean, median, row } from './study/markdown';
import { OriginalGenerator, type GeneratorRun } from './study/original-generator';
import { openStudyBundle } from './study/study-bundle';
import { timed } from './study/timed';

/** A way to run the mask generator. */
interface Contender {
  readonly name: string;
  run(picture: string): Promise<GeneratorRun>;
}

function foundShare(wanted: readonly Rle[], found: readonly Rle[], iou: number): number {
  return wanted.length === 0 ? 1 : wanted.filter((mask) => found.some((other) => rleIou(mask, other) >= iou)).length / wanted.length;
}

/** Total over pictures of the median over rounds. */
function total(runs: readonly (readonly GeneratorRun[])[], figure: (run: GeneratorRun) => number): number {
  return runs.reduce((sum, rounds) => sum + median(rounds.map(figure)), 0);
}

async function compare(contenders: readonly Contender[], pictures: readonly string[], rounds: number, iou: number): Promise<void> {
  const runs = contenders.map(() => pictures.map((): GeneratorRun[] => []));
  for (const [p, picture] of pictures.entries())
    for (let round = 0; round < rounds; round++)
      for (const [c, contender] of contenders.entries()) {
        const run = await contender.run(picture);
        runs[c]![p]!.push(run);
        console.error(`${picture.split('/').at(-1)} ${contender.name}: ${run.masks.length} masks, ${run.seconds.toFixed(1)} s, processor ${run.cpuSeconds.toFixed(1)} s`);
      }
  const [first] = runs;
  for (const line of head(['mask generator', 'seconds a picture', 'ratio', 'processor seconds', 'ratio', 'masks', "of the first one's found", "in the first one's"])) console.log(line);
  for (const [c, { name }] of contenders.entries()) {
    const both = pictures.map((_, p) => [first![p]![0]!.masks, runs[c]![p]![0]!.masks] as const);
    const figures = (['seconds', 'cpuSeconds'] as const).flatMap((figure) => {
      const own = total(runs[c]!, (run) => run[figure]);
      return [(own / pictures.length).toFixed(2), (own / total(first!, (run) => run[figure])).toFixed(3)];
    });
    const found = mean(both.map(([theirs, ours]) => foundShare(theirs, ours, iou)));
    const known = mean(both.map(([theirs, ours]) => foundShare(ours, theirs, iou)));
    console.log(row(name, ...figures, mean(both.map(([, ours]) => ours.length)).toFixed(1), found.toFixed(3), known.toFixed(3)));
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      pictures: { type: 'string', default: join(__dirname, '../../test/fixtures/frames') },
      'points-per-side': { type: 'string', default: '32' },
      novelties: { type: 'string', default: '0.07' },
      rounds: { type: 'string', default: '1' },
      'input-size': { type: 'string', default: '1024' },
      decoder: { type: 'string', default: 'torch' },
      threads: { type: 'string', default: String(availableParallelism()) },
      'match-iou': { type: 'string', default: '0.9' },
      bundles: { type: 'string' },
    },
  });
  const python = process.env['ORIGINAL_PYTHON'];
  if (!python) throw new Error('start it with `npm run bench:generator`, which sets ORIGINAL_PYTHON');
  const { decoder } = values;
  if (decoder !== 'torch' && decoder !== 'onnx' && decoder !== 'none') throw new Error('--decoder is torch, onnx or none');
  const [inputSize, threads, pointsPerSide] = [Number(values['input-size']), Number(values.threads), Number(values['points-per-side'])];
  const bundle = await ensureBundle('mobilesam');
  const open = (one: ResolvedBundle): Promise<PromptableSegmenter> => createSamModel(one, inputSize, { intraOpThreads: threads });
  const model = await open(bundle);
  const others = await Promise.all((values.bundles?.split(',') ?? []).map(async (folder) => ({ name: basename(folder), model: await open(await openStudyBundle(folder)) })));
  const original = decoder === 'none' ? undefined : await OriginalGenerator.start({ python, weights: bundle.directory, inputSize, decoder, threads });
  const ours = (name: string, pointNovelty: number, exact: boolean, segmenter = model): Contender => ({
    name,
    run: async (picture) => {
      const image = await readImageRgb(picture);
      const { result, ...times } = await timed(() => generateMasks(segmenter, image, amgOptionsSchema.parse({ pointsPerSide, pointNovelty }), { exact }));
      return { ...times, masks: result.map(({ rle }) => rle) };
    },
  });
  const contenders: Contender[] = [
    ...(original ? [{ name: `original, ${decoder}`, run: (picture: string) => original.generate(picture, { points_per_side: pointsPerSide }) }] : []),
    ours('ours, exact', 0, true),
    ours('ours, fast', 0, false),
    ...others.map((other) => ours(`ours, fast, ${other.name}`, 0, false, other.model)),
    ...values.novelties.split(',').map((novelty) => ours(`ours, novelty ${novelty}`, Number(novelty), false)),
  ];
  const folder = resolve(values.pictures);
  const pictures = readdirSync(folder).filter((name) => /\.(png|jpe?g)$/i.test(name)).sort();
  try {
    await compare(contenders, pictures.map((name) => join(folder, name)), Number(values.rounds), Number(values['match-iou']));
  } finally {
    original?.dispose();
    await Promise.all([model, ...others.map((other) => other.model)].map((one) => one.dispose()));
  }
}

void main();
