import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { trailLineSchema, type TrailLine } from '../../contracts/edits';
import { VamgError } from '../../contracts/errors';
import { activeEdits } from '../../core/edit/replay-trail';

/** What was done to a result by hand: one JSON line per edit, in its folder. */
export const EDITS_FILE = 'edits.jsonl';
/** Folder within the result folder that keeps the files that edits change, as they were before the first. */
export const ORIGINAL_FOLDER = 'original';

/** The edits of a result folder and those taken back, in order; none when it was never edited. @throws VamgError CorruptArtifact */
export async function readTrail(folder: string): Promise<readonly TrailLine[]> {
  return parseTrail(await readTrailText(folder));
}

/** The lines of the text of an edits.jsonl. @throws VamgError CorruptArtifact */
export function parseTrail(whole: string): readonly TrailLine[] {
  const trail: TrailLine[] = [];
  for (const text of whole.split('\n')) {
    if (text.trim() === '') continue;
    try {
      const line = trailLineSchema.parse(JSON.parse(text));
      if (line.number !== trail.length + 1) throw new RangeError(`number ${line.number} follows ${trail.length}`);
      trail.push(line);
    } catch (cause) {
      throw damaged(`line ${trail.length + 1}`, cause);
    }
  }
  try {
    activeEdits(trail);
  } catch (cause) {
    throw damaged('the order of its lines', cause);
  }
  return trail;
}

/** The bytes of edits.jsonl as text; empty without one. */
export async function readTrailText(folder: string): Promise<string> {
  return await readFile(path.join(folder, EDITS_FILE), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
}

/** Lines of a trail as edits.jsonl has them. */
export function trailText(lines: readonly TrailLine[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

/**
 * How many edits hold in a result folder and would be lost if another result took its place; those taken back do not count, and none does where
 * what comes goes on from them. @param coming edits.jsonl of the other result. @throws VamgError CorruptArtifact
 */
export async function countLostEdits(folder: string, coming: string): Promise<number> {
  const text = await readTrailText(folder);
  return coming.startsWith(text) ? 0 : activeEdits(parseTrail(text)).length;
}

function damaged(where: string, cause: unknown): VamgError {
  return new VamgError('CorruptArtifact', `${EDITS_FILE} of this result is damaged (${where}), so what was corrected by hand is not known; put back a copy of that file.`, { cause });
}
