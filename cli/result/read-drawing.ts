import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { VamgError } from '../../contracts/errors';
import type { OverlayLook } from '../../contracts/overlay-look';
import { outputOptionsSchema } from '../../contracts/segment-options';
import { forUser } from '../output/user-folder';

/** Results of older versions do not say how they look: as results without those options do now. */
const lookSchema = z.object(outputOptionsSchema.pick({ overlayStyle: true, overlayOpacity: true, overlayTrail: true }).shape);

const drawingSchema = z.object({
  options: z.object({ output: lookSchema.prefault({}) }).prefault({}),
  range: z.object({ firstFrame: z.int().min(0), frameStep: z.int().min(1) }),
  sceneCuts: z.array(z.int().min(0)).default([]),
});

/** What a result.json says about drawing its film. */
export interface Drawing {
  readonly look: OverlayLook;
  readonly range: { readonly firstFrame: number; readonly frameStep: number };
  /** Positions at which a scene begins, never 0. */
  readonly sceneCuts: readonly number[];
}

/** @throws z.ZodError */
function readDrawing(result: unknown): Drawing {
  const { options, range, sceneCuts } = drawingSchema.parse(result);
  return { look: options.output, range, sceneCuts: sceneCuts.map((frame) => Math.ceil((frame - range.firstFrame) / range.frameStep)).filter((position) => position > 0) };
}

/** Read it from a result folder. @throws VamgError CorruptArtifact */
export async function readDrawingOf(folder: string): Promise<Drawing> {
  const file = path.join(folder, 'result.json');
  try {
    return readDrawing(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    throw new VamgError('CorruptArtifact', `${forUser(file)} is damaged; run \`vamg segment\` again, which takes it from the store.`, { cause });
  }
}
