import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Seam } from '../../core/metrics/seam-switches';

const frame = z.int().min(0);
const seamsSchema = z.object({ stitch: z.object({ seams: z.array(z.object({ frame, sharedFrom: frame })) }) });

/** Where the chunks of a result meet, from its result.json; null when that file does not say, as in results of older versions. */
export async function readSeams(folder: string): Promise<readonly Seam[] | null> {
  try {
    return seamsSchema.parse(JSON.parse(await readFile(path.join(folder, 'result.json'), 'utf8'))).stitch.seams;
  } catch {
    return null;
  }
}
