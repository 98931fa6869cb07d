/**
 * How well objects are found and followed without any help, and what cutting a clip into chunks costs: runs the mask generator, a
 * tracker and stitching in this process over clips with truth, and prints markdown. Beside the J of the best single track stand what
 * bounds it: the best mask of any track per frame (what is lost by linking), and the best mask of the mask generator per detection frame
 * (what is lost by detection). Detections and embeddings are cached on disk, so that a second run with other settings is quick.
 *
 * --chunk-frames is a list: each clip is processed once for each number, as the product would, 0 being one pass. With 0 in the
 * list, `regret` is HOTA of the one pass less HOTA in chunks, `agreement` is HOTA with the one pass as truth that shows every object, and
 * `at seams` is how often an object changed its ID where two chunks meet. --chain-chunks 1 tracks each chunk by itself.
 *
 *   npm run bench:automatic -- --data DIR [--clips davis16,mix-hike] [--preset balanced] [--device cpu] [--tracker memory] [--frames N] [--max N]
 *                              [--chunk-frames 0,48,96] [--chain-chunks N] [--reidentify] [--mirrored] [--set PATH=VALUE …] [--json FILE]
 *
 * --mirrored takes each clip as a mirror shows it: the same task with other chances, by which nothing was chosen.
 * --set gives any option of the product another value: --set tracking.sharpen=false --set amg.pointsPerSide=24
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { MaskLine } from '../contracts/pipeline-artefacts';
import { planningOptionsSchema, resolveSegmentOptions, trackingOptionsSchema, type SegmentOptions } from '../contracts/segment-options';
import { roundNumbers } from '../cli/evaluate/print-scores';
import type { Scores } from '../cli/evaluate/score-result';
import type { Clip } from './study/clip';
import { BENCH_OPTIONS, cacheFolder, openClips, openNetworks, presetOf, type Networks } from './study/open-bench';
import { mirrorClip } from './study/mirror-clip';
import { runInChunks } from './study/run-in-chunks';
import { setOptions } from './study/set-options';
import { scoreInChunks, type RunScores } from './study/score-in-chunks';
import { clipHead, clipRow, meanRows, objectHead, objectRows, type ClipScores } from './study/score-tables';

/** More than any clip has: one chunk. */
const ONE_PASS_FRAMES = 100_000;

interface Bench extends Networks {
  readonly options: SegmentOptions;
  /** 0 for one pass, which comes first where it is asked for. */
  readonly cuttings: readonly number[];
  readonly frames: number;
  readonly cache: string;
}

async function runClip(clip: Clip, bench: Bench): Promise<ClipScores> {
  const scan = await clip.scan();
  const frames = Math.min(clip.frames, bench.frames, scan.timeline.pts.length);
  const runs: RunScores[] = [];
  let onePass: { readonly scores: Scores; readonly lines: readonly MaskLine[] } | null = null;
  for (const chunkFrames of bench.cuttings) {
    const planning = { ...bench.options.planning, chunkFrames: chunkFrames === 0 ? ONE_PASS_FRAMES : chunkFrames };
    const result = await runInChunks({ ...bench, clip, scan, frames, options: { ...bench.options, planning } });
    const run = await scoreInChunks(clip, chunkFrames, result, onePass);
    if (chunkFrames === 0) onePass = { scores: run.scores, lines: result.lines };
    for (const line of objectRows(clip.name, run)) console.log(line);
    runs.push(run);
  }
  return { clip: clip.name, frames, sceneCuts: scan.sceneCuts.filter((cut) => cut < frames), runs };
}

/** @throws z.ZodError for a number that is none, or too small for a chunk */
function cuttingsOf(list: string): number[] {
  const numbers = [...new Set(list.split(',').map(Number))];
  return [...numbers.filter((one) => one === 0), ...numbers.filter((one) => one !== 0).map((one) => planningOptionsSchema.shape.chunkFrames.parse(one))];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...BENCH_OPTIONS,
      clips: { type: 'string', default: 'davis16,mix-hike,mix-pond' },
      tracker: { type: 'string', default: 'memory' },
      max: { type: 'string' },
      'chunk-frames': { type: 'string', default: '0' },
      'chain-chunks': { type: 'string' },
      reidentify: { type: 'boolean', default: false },
      mirrored: { type: 'boolean', default: false },
      set: { type: 'string', multiple: true, default: [] },
      json: { type: 'string' },
    },
  });
  const opened = await openClips(values.data, values.clips);
  const clips = values.mirrored ? opened.map(mirrorClip) : opened;
  const cuttings = cuttingsOf(values['chunk-frames']);
  const base = resolveSegmentOptions({
    preset: presetOf(values.preset),
    tracking: { tracker: trackingOptionsSchema.shape.tracker.parse(values.tracker), ...(values.max ? { maxObjects: Number(values.max) } : {}) },
    planning: { reidentify: values.reidentify, ...(values['chain-chunks'] ? { chainChunks: Number(values['chain-chunks']) } : {}) },
  });
  const options = setOptions(base, values.set);
  const networks = await openNetworks(values, options.inputSize);
  const bench = { ...networks, options, cuttings, frames: Number(values.frames), cache: cacheFolder(values) };
  for (const line of objectHead()) console.log(line);
  const done: ClipScores[] = [];
  for (const clip of clips) {
    done.push(await runClip(clip, bench));
    if (values.json) writeFileSync(values.json, JSON.stringify(roundNumbers({ options, cuttings, clips: done }), null, 1));
  }
  console.log('');
  for (const line of [...clipHead(), ...done.flatMap(({ clip, runs }) => runs.map((run) => clipRow(clip, run))), ...meanRows(done)]) console.log(line);
  await networks.dispose();
}

void main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
