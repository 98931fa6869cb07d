import { open, readFile } from 'node:fs/promises';
import { decodeFirstFrameMask } from '../../adapters/png/first-frame-mask';
import type { Plan } from '../../contracts/artefacts';
import { VamgError } from '../../contracts/errors';
import { firstIssue } from '../../contracts/first-issue';
import { inUserWords } from '../../contracts/in-user-words';
import { PROMPT_LIMITS, promptsFileSchema, type PromptsFile } from '../../contracts/prompts';
import type { VideoInfo } from '../../contracts/video-info';
import { canonicalJson } from '../../core/pipeline/canonical-json';
import { findUnplaced, resolvePrompts } from '../../core/pipeline/resolve-prompts';
import { fromUserFolder } from '../output/user-folder';

export interface GivenFiles {
  /** Indexed PNG with the objects of the first frame. */
  readonly firstFrameMask: string | undefined;
  /** JSON file of prompts. */
  readonly prompts: string | undefined;
}

/** Bytes to store of what the user gave; null for what was not given. */
export interface GivenBytes {
  readonly firstFrameMask: Buffer | null;
  readonly prompts: Buffer | null;
}

/**
 * Reads and checks the objects that the user gives. @throws VamgError PoisonImage, BadConfig
 * @param note told of prompts for frames that are not processed
 */
export async function readGivenObjects(files: GivenFiles, info: VideoInfo, plan: Plan, note: (text: string) => void): Promise<GivenBytes> {
  const mask = files.firstFrameMask === undefined ? null : await readFirstFrameMask(files.firstFrameMask, info);
  if (files.prompts === undefined) return { firstFrameMask: mask?.bytes ?? null, prompts: null };
  const file = await readPromptsFile(files.prompts);
  const { prompts, leftOut } = inUserWords(() => resolvePrompts(file, info, plan), `--prompts ${files.prompts}: `);
  if (prompts.length === 0) throw new VamgError('BadConfig', `--prompts ${files.prompts}: none of its prompts lies on a frame that is processed (${some(leftOut)}); compare them with --start, --end and the length of the video.`);
  if (leftOut.length > 0) note(`--prompts: left out, because these frames are not processed: ${some(leftOut)}.`);
  const twice = prompts.find(({ position, objectId }) => position === 0 && mask?.ids.has(objectId));
  if (twice) throw new VamgError('BadConfig', `Object ${twice.objectId} is on the first frame both in --first-frame-mask and in --prompts; give it in one of them.`);
  const unplaced = findUnplaced(prompts).find((id) => mask === null || !mask.ids.has(id));
  if (unplaced !== undefined) throw new VamgError('BadConfig', `--prompts ${files.prompts}: the first prompt of object ${unplaced} has only points that are not on it; give a point on it, a box or a mask.`);
  return { firstFrameMask: mask?.bytes ?? null, prompts: Buffer.from(canonicalJson(file)) };
}

/** @throws VamgError BadConfig, with the place in the file */
async function readPromptsFile(name: string): Promise<PromptsFile> {
  let value: unknown;
  try {
    value = JSON.parse(await readLimited(fromUserFolder(name), name));
  } catch (cause) {
    if (cause instanceof VamgError) throw cause;
    const why = cause instanceof SyntaxError ? 'is not valid JSON' : 'cannot be read; check the path';
    throw new VamgError('BadConfig', `--prompts ${name} ${why}.`, { cause });
  }
  const parsed = promptsFileSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new VamgError('BadConfig', `--prompts ${name} cannot be used${firstIssue(parsed.error)} The form of the file is in docs/prompts.md.`, { cause: parsed.error });
}

/** The text of a file that is not larger than a file of prompts may be. */
async function readLimited(path: string, name: string): Promise<string> {
  const file = await open(path);
  try {
    if ((await file.stat()).size > PROMPT_LIMITS.fileBytes) throw new VamgError('BadConfig', `--prompts ${name} is larger than ${PROMPT_LIMITS.fileBytes >> 20} MB; give fewer objects or masks.`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/** The first few of a list. */
function some(items: readonly string[]): string {
  return items.length <= 3 ? items.join('; ') : `${items.slice(0, 3).join('; ')} and ${items.length - 3} more`;
}

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47]);

async function readFirstFrameMask(file: string, size: { readonly width: number; readonly height: number }): Promise<{ bytes: Buffer; ids: ReadonlySet<number> }> {
  const bytes = await readFile(fromUserFolder(file)).catch((cause: unknown) => {
    throw new VamgError('PoisonImage', `--first-frame-mask ${file} cannot be read; check the path.`, { cause });
  });
  if (!bytes.subarray(0, 4).equals(PNG_SIGNATURE)) throw new VamgError('PoisonImage', `--first-frame-mask ${file} is not a PNG file; give an indexed PNG whose values are object numbers.`);
  return { bytes, ids: new Set(decodeFirstFrameMask(bytes, size).keys()) };
}
