import { createReadStream } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { maskLineSchema, type MaskLine } from '../contracts/pipeline-artefacts';
import { stitchReportSchema } from '../contracts/stitch-report';
import { labelsOf } from '../core/pipeline/labels-of';
import { buildViewer, type ViewerSummary } from './build-viewer';
import { positionOf } from './frame-positions';

const frame = z.int().min(0);

/** What the page shows of a result.json. */
const pageSummarySchema = z.object({
  schemaVersion: z.literal(1),
  video: z.object({ name: z.string(), width: z.int().min(1), height: z.int().min(1) }),
  options: z.object({ preset: z.string() }),
  model: z.object({ name: z.string() }),
  range: z.object({ firstFrame: frame, frameStep: z.int().min(1) }),
  /** First frame of each scene but the first. Results of the first versions do not say it. */
  sceneCuts: z.array(frame).optional(),
  objects: z.array(z.object({ id: z.int().min(1), label: z.string().optional() })),
});

export interface ViewerFiles {
  readonly masksPath: string;
  readonly resultPath: string;
  readonly stitchReportPath: string;
  /** The result folder, in which index.html and viewer/ are written. */
  readonly folder: string;
  readonly signal?: AbortSignal;
}

/**
 * Writes the page of a result from its own files. Returns the names of what it wrote. @throws ZodError or SyntaxError when a file is
 * not one of ours
 */
export async function writeViewer({ masksPath, resultPath, stitchReportPath, folder, signal }: ViewerFiles): Promise<string[]> {
  const names: string[] = [];
  await buildViewer({
    resultSummary: await readSummary(resultPath, stitchReportPath),
    masks: readMasks(masksPath, signal),
    writeFile: async (name, content) => {
      const file = path.join(folder, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, content);
      names.push(name);
    },
  });
  return names;
}

async function readSummary(resultPath: string, stitchReportPath: string): Promise<ViewerSummary> {
  const { video, options, model, range, sceneCuts, objects } = pageSummarySchema.parse(JSON.parse(await readFile(resultPath, 'utf8')));
  const stitchReport = stitchReportSchema.parse(JSON.parse(await readFile(stitchReportPath, 'utf8')));
  const seams = stitchReport.chunks.slice(1).map(({ ownedFirstFrame }) => ownedFirstFrame);
  const cuts = sceneCuts ?? stitchReport.borders.flatMap(({ boundary, atSceneCut }) => (atSceneCut ? [seams[boundary] ?? 0] : []));
  const positions = (frames: readonly number[]): number[] => frames.map((one) => positionOf(one, range)).filter((position) => position > 0);
  return {
    title: video.name,
    width: video.width,
    height: video.height,
    seams: positions(seams),
    sceneCuts: positions(cuts),
    note: `${model.name}, ${options.preset}`,
    labels: labelsOf(objects),
    range,
    stitchReport,
  };
}

async function* readMasks(masksPath: string, signal?: AbortSignal): AsyncGenerator<MaskLine, void, undefined> {
  for await (const text of createInterface({ input: createReadStream(masksPath), crlfDelay: Infinity })) {
    signal?.throwIfAborted();
    if (text.trim() !== '') yield maskLineSchema.parse(JSON.parse(text));
  }
}
