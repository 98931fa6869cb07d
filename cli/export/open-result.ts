import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { openExportSource } from '../../adapters/export/open-source';
import type { ExportSource } from '../../adapters/export/types';
import { VamgError } from '../../contracts/errors';
import { labelsOf } from '../../core/pipeline/labels-of';
import { forUser } from '../output/user-folder';
import { masksFile, readMaskLines } from '../result/read-masks';

/** What an export needs of a result.json. */
const resultSchema = z.object({
  video: z.object({
    name: z.string(),
    width: z.int().min(1),
    height: z.int().min(1),
    durationSeconds: z.number().min(0),
    frameRate: z.object({ num: z.int().min(1), den: z.int().min(1) }),
  }),
  range: z.object({ frameStep: z.int().min(1) }),
  objects: z.array(z.object({ id: z.int().min(1), label: z.string().optional() })),
});

/**
 * A result folder, read once and checked, ready for the writers.
 * @param scratch folder for scratch files.
 * @throws VamgError NotFound when the folder is no result, CorruptArtifact when one of its files is damaged
 */
export async function openResult(folder: string, scratch: string): Promise<ExportSource> {
  masksFile(folder);
  const { video, range, objects } = await readResult(path.join(folder, 'result.json'), folder);
  const labels = labelsOf(objects);
  const { name, width, height, durationSeconds, frameRate } = video;
  return openExportSource({
    videoName: name,
    width,
    height,
    durationSeconds,
    frameRate: frameRate.num / frameRate.den,
    frameStep: range.frameStep,
    labels,
    lines: () => readMaskLines(folder),
    scratch,
  });
}

async function readResult(file: string, folder: string): Promise<z.output<typeof resultSchema>> {
  if (!existsSync(file)) throw new VamgError('NotFound', `${forUser(folder)} is not a result folder: it holds no result.json. Give the folder that \`vamg segment\` wrote.`);
  try {
    return resultSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    throw new VamgError('CorruptArtifact', `${forUser(file)} is damaged; run \`vamg segment\` again, which takes it from the store.`, { cause });
  }
}
