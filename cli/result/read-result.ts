import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { VamgError } from '../../contracts/errors';
import { objectRefSchema } from '../../contracts/object-ref';
import { forUser } from '../output/user-folder';

/** What other commands read of a result.json. */
const resultSummarySchema = z.object({
  schemaVersion: z.literal(1),
  video: z.object({ id: z.string(), name: z.string() }),
  counts: z.object({ objects: z.int() }),
  /** Where the job is stored; results of the first version do not say it. */
  job: objectRefSchema.optional(),
});
export type ResultSummary = z.output<typeof resultSummarySchema>;

/** The result.json of a result folder. @throws VamgError NotFound when the folder is none */
export async function readResultSummary(folder: string): Promise<ResultSummary> {
  try {
    return resultSummarySchema.parse(JSON.parse(await readFile(path.join(folder, 'result.json'), 'utf8')));
  } catch (cause) {
    throw new VamgError('NotFound', `${forUser(folder)} is not a result folder: it holds no result.json that can be read. Give the folder that \`vamg segment\` wrote.`, { cause });
  }
}
