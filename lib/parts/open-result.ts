import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { prettifyError, type z } from 'zod';
import { readMaskLines } from '../../cli/result/read-masks';
import { VamgError } from '../../contracts/errors';
import type { MaskLine } from '../../contracts/pipeline-artefacts';
import { resultSummarySchema, type ResultSummary } from '../../contracts/result-summary';
import { stitchReportSchema, type StitchReport } from '../../contracts/stitch-report';
import { fromCocoRle } from '../../core/mask/rle-string';
import type { CocoRle, Rle } from '../../core/mask/types';

/** One processed frame of a result: `frame` is the decode index in the source, `time` seconds from the first frame. */
export type ResultFrame = MaskLine;
/** One object on one frame: ID, score 0..1, bbox [x, y, w, h] and area in pixels, COCO run-length encoding. */
export type ResultObject = ResultFrame['objects'][number];

/** A result folder, opened for reading. */
export interface Result {
  readonly folder: string;
  /** result.json: the video, its objects, where chunks meet. */
  readonly summary: ResultSummary;
  /** The frames in order, one at a time: memory does not grow with the video. May be called again. @throws VamgError CorruptArtifact */
  frames(): AsyncGenerator<ResultFrame, void, undefined>;
  /** stitch-report.json: every join with its evidence. @throws VamgError NotFound, CorruptArtifact */
  stitchReport(): Promise<StitchReport>;
}

/**
 * Opens the folder that `vamg segment` wrote. Files are checked as they are read.
 * @throws VamgError NotFound when it is no result folder, CorruptArtifact when its result.json is damaged
 */
export async function openResult(folder: string): Promise<Result> {
  const summary = await readJsonFile(folder, 'result.json', resultSummarySchema);
  return {
    folder,
    summary,
    frames: () => readMaskLines(folder),
    stitchReport: () => readJsonFile(folder, 'stitch-report.json', stitchReportSchema),
  };
}

/** The mask of an object of a frame, for the functions of `video-amg/masks`. @throws RangeError when the runs do not fill the picture */
export function maskOf(object: { readonly segmentation: CocoRle }): Rle {
  return fromCocoRle(object.segmentation);
}

async function readJsonFile<Schema extends z.ZodType>(folder: string, name: string, schema: Schema): Promise<z.output<Schema>> {
  let text: string;
  try {
    text = await readFile(path.join(folder, name), 'utf8');
  } catch (cause) {
    throw new VamgError('NotFound', `${folder} is not a result folder: it holds no ${name} that can be read. Give the folder that \`vamg segment\` wrote.`, { cause });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new VamgError('CorruptArtifact', `${name} of ${folder} is not valid JSON; run \`vamg segment\` again, which takes it from the store.`, { cause });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new VamgError('CorruptArtifact', `${name} of ${folder} does not have the form of a result: ${prettifyError(parsed.error).split('\n')[0]}`, { cause: parsed.error });
  return parsed.data;
}
